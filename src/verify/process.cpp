// Rows of what a process inherits, and of other processes.
#include <fcntl.h>
#include <linux/keyctl.h>
#include <linux/stat.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include <cerrno>

#include "verify/attempts.hpp"
#include "verify/kernel.hpp"
#include "verify/start.hpp"

namespace mydocker::verify {
namespace {

// Where the link /proc/PID/NAME leads; "" if that is refused.
Path link_of(std::string_view pid, std::string_view name) {
  Path link, out;
  link.add("/proc/").add(pid).add("/").add(name);
  char to[200];
  const long size = call(__NR_readlinkat, AT_FDCWD, address(link.c_str()), address(to), sizeof to);
  return size > 0 ? out.add(std::string_view(to, static_cast<std::size_t>(size))) : out;
}

struct statx stat_of(long folder, const char* path) {
  struct statx out = {};
  call(__NR_statx, folder, address(path), *path == '\0' ? AT_EMPTY_PATH : 0, STATX_BASIC_STATS,
       address(&out));
  return out;
}

bool is_same(const struct statx& one, const struct statx& other) {
  return one.stx_ino == other.stx_ino && one.stx_dev_major == other.stx_dev_major &&
         one.stx_dev_minor == other.stx_dev_minor;
}

long try_to_write(const char* path) {
  const long fd = open_file(path, O_WRONLY);
  if (fd >= 0) close_file(fd);
  return fd < 0 ? fd : 0;
}

// -errno, or 0: the program of that process is this one, a file in memory, or one of the
// container's own, as writable by its path. 1: a file that is not there by any path, or less
// writable there.
long reach_program(std::string_view pid) {
  Path exe;
  exe.add("/proc/").add(pid).add("/exe");
  const long fd = open_file(exe.c_str(), O_RDONLY);
  if (fd < 0) return fd;
  const struct statx theirs = stat_of(fd, "");
  close_file(fd);
  const Path path = link_of(pid, "exe");
  if (is_same(theirs, stat_of(AT_FDCWD, "/proc/self/exe")) || begins_with(path.view(), "/memfd:"))
    return 0;
  return is_same(theirs, stat_of(AT_FDCWD, path.c_str())) &&
                 try_to_write(exe.c_str()) == try_to_write(path.c_str())
             ? 0
             : 1;
}

struct Found {
  Text<160> text;
  bool any = false;
};

void look_at_program(void* context, std::string_view name) {
  if (number_of(name) <= 1) return;
  auto* const found = static_cast<Found*>(context);
  found->any = true;
  if (reach_program(name) > 0) found->text.item("/proc/").add(name).add("/exe");
}

void look_at_root(void* context, std::string_view name) {
  if (number_of(name) < 0) return;
  auto* const found = static_cast<Found*>(context);
  const Path theirs = link_of(name, "ns/mnt");
  if (theirs.empty() || theirs.view() == link_of("self", "ns/mnt").view()) return;
  found->text.item("process ").add(name);
}

Answer zero(std::string_view name) {
  const std::string_view value = own_status(name);
  if (value.empty()) return untried("no /proc/self/status");
  if (hexadecimal(value) == 0) return blocked("0");
  return open(Text<160>().add(name).add(" ").add(value).view());
}

}  // namespace

Answer try_descriptors(const Row&) {
  Text<160> found;
  for (long fd = 3; fd < 1024; ++fd) {
    const long flags = call(__NR_fcntl, fd, F_GETFD);
    if (flags < 0) continue;
    found.item("").add(fd).add(" ").add(link_of("self/fd", Text<24>().add(fd).view()).view());
  }
  return found.empty() ? blocked("only 0, 1, 2") : open(found.view());
}

Answer try_folder(const Row&) {
  char where[4096];
  const long size = call(__NR_getcwd, address(where), sizeof where);
  if (size < 0) return untried(error_name(size));
  return where[0] == '/' ? blocked("the folder is below the root") : open(where);
}

Answer try_environment(const Row&) {
  return has_variable("MYDOCKER_VERIFY_SECRET") ? open("MYDOCKER_VERIFY_SECRET of the caller")
                                                : blocked("nothing of the caller's");
}

Answer try_groups(const Row&) {
  unsigned groups[64];
  const long count = call(__NR_getgroups, 64, address(groups));
  const long own = call(__NR_getgid);
  for (long i = 0; i < count; ++i) {
    if (groups[i] != static_cast<unsigned long>(own))
      return open(Text<160>().add("group ").add(static_cast<long>(groups[i])).view());
  }
  return count < 0 ? untried(error_name(count)) : blocked("none but its own");
}

Answer try_inherited_capabilities(const Row&) {
  const Answer inherited = zero("CapInh");
  return inherited.state == Answer::State::blocked ? zero("CapAmb") : inherited;
}

Answer try_keyring(const Row&) {
  const long ring =
      call(__NR_keyctl, KEYCTL_GET_KEYRING_ID, static_cast<long>(KEY_SPEC_SESSION_KEYRING), 0);
  if (ring < 0) return blocked(error_name(ring));
  char words[128] = {};
  const long size = call(__NR_keyctl, KEYCTL_DESCRIBE, ring, address(words), sizeof words);
  if (size < 0) return blocked(error_name(size));
  return contains(words, "_uid_ses") ? open("the keyring of all sessions of this user id")
                                     : blocked("a session keyring of its own");
}

Answer try_signals(const Row&) {
  const Answer ignored = zero("SigIgn");
  return ignored.state == Answer::State::blocked ? zero("SigBlk") : ignored;
}

Answer try_umask(const Row&) {
  constexpr long kExpected = 022;
  const long mask = call(__NR_umask, kExpected);
  return (mask & kExpected) == kExpected ? blocked("022 or stricter") : open("others may write");
}

Answer try_core(const Row&) {
  rlimit limit{};
  const long answer = call(__NR_prlimit64, 0, RLIMIT_CORE, 0, address(&limit));
  if (answer < 0) return untried(error_name(answer));
  return limit.rlim_cur == 0 ? blocked("RLIMIT_CORE is 0") : open("a crash is handed to the host");
}

Answer try_first_program(const Row&) {
  const long answer = reach_program("1");
  if (answer == 1) return open(link_of("1", "exe").view());
  return blocked(answer < 0 ? error_name(answer) : "a file in memory, or the container's own");
}

Answer try_other_programs(const Row&) {
  Found found;
  const long names = visit_folder("/proc", look_at_program, &found);
  if (names < 0) return untried(error_name(names));
  if (!found.text.empty()) return open(found.text.view());
  return blocked(found.any ? "none but the container's own" : "nobody else is there");
}

Answer try_foreign_process(const Row&) {
  Found found;
  const long names = visit_folder("/proc", look_at_root, &found);
  if (names < 0) return untried(error_name(names));
  return found.text.empty() ? blocked("none can be looked into") : open(found.text.view());
}

// The kernel numbers the first namespace of each kind itself, see include/linux/proc_ns.h.
Answer try_namespace(const Row& row) {
  const std::string_view kind = row.text;
  const char* const first = kind == "pid"   ? "4026531836"
                            : kind == "ipc" ? "4026531839"
                            : kind == "uts" ? "4026531838"
                                            : "4026531835";  // cgroup
  Path name;
  const Path link = link_of("self", name.add("ns/").add(kind).view());
  if (link.empty()) return untried("no /proc/self/ns");
  return contains(link.view(), first) ? open("the host's") : blocked("its own namespace");
}

Answer try_no_new_privileges(const Row&) {
  return own_status("NoNewPrivs") == "1" ? blocked("no_new_privs is 1") : open("it is not set");
}

}  // namespace mydocker::verify
