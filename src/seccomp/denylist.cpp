#include "seccomp/denylist.hpp"

#include <fcntl.h>
#include <linux/sched.h>
#include <sys/stat.h>

#include <cerrno>

namespace mydocker::seccomp {
namespace {

constexpr std::uint64_t kTmpfile = 020000000;  // __O_TMPFILE, without O_DIRECTORY
constexpr int kOpenat2 = 437, kClone3 = 435, kFchmodat2 = 452, kIoUringSetup = 425;

constexpr std::string_view kSetId =
    "a set-user-ID file made here could be run by a user of the host";
constexpr std::string_view kPointer =
    "its flags or mode lie in memory, where a filter cannot look; "
    "ENOSYS makes libraries fall back to the older call";
constexpr std::string_view kUserNamespace =
    "a new user namespace gives every capability back, over itself";
constexpr std::string_view kKeys = "keyrings are not separated by namespaces";
constexpr std::string_view kTrace = "tracing reads and writes another process";
constexpr std::string_view kRing = "a ring's requests open files without passing this filter";

// The call with either set-ID bit in its argument `mode`, and, if given, `flags` in argument
// `flags_at`.
void deny_set_id(std::vector<Denied>& out, std::string_view name, unsigned mode,
                 std::uint64_t flags = 0, unsigned flags_at = 0) {
  for (const std::uint64_t bit : {std::uint64_t{S_ISUID}, std::uint64_t{S_ISGID}}) {
    std::vector<HasBits> when{{mode, bit}};
    if (flags != 0) when.push_back({flags_at, flags});
    out.push_back({name, -1, std::move(when), EPERM, kSetId});
  }
}

std::vector<Denied> make() {
  std::vector<Denied> out;
  deny_set_id(out, "chmod", 1);
  deny_set_id(out, "fchmod", 1);
  deny_set_id(out, "fchmodat", 2);
  deny_set_id(out, "creat", 1);
  deny_set_id(out, "mknod", 1);
  deny_set_id(out, "mknodat", 2);
  for (const std::uint64_t creating : {std::uint64_t{O_CREAT}, kTmpfile}) {
    deny_set_id(out, "open", 2, creating, 1);
    deny_set_id(out, "openat", 3, creating, 2);
  }
  out.push_back({"fchmodat2",
                 kFchmodat2,
                 {},
                 ENOSYS,
                 "chmod by another name; libraries know the older call"});
  out.push_back({"openat2", kOpenat2, {}, ENOSYS, kPointer});
  out.push_back({"clone3", kClone3, {}, ENOSYS, kPointer});
  out.push_back({"unshare", -1, {{0, CLONE_NEWUSER}}, EPERM, kUserNamespace});
  out.push_back({"clone", -1, {{0, CLONE_NEWUSER}}, EPERM, kUserNamespace});
  out.push_back({"io_uring_setup", kIoUringSetup, {}, EPERM, kRing});
  out.push_back({"keyctl", -1, {}, EPERM, kKeys});
  out.push_back({"add_key", -1, {}, EPERM, kKeys});
  out.push_back({"request_key", -1, {}, EPERM, kKeys});
  out.push_back({"ptrace", -1, {}, EPERM, kTrace});
  return out;
}

}  // namespace

std::span<const Denied> original_denylist() {
  static const std::vector<Denied> kList = make();
  return kList;
}

}  // namespace mydocker::seccomp
