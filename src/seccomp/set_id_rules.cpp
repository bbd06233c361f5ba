#include <fcntl.h>
#include <sys/stat.h>

#include "seccomp/rules.hpp"

namespace mydocker::seccomp {
namespace {

constexpr std::uint32_t kTmpfile = 020000000;  // __O_TMPFILE, without O_DIRECTORY

// The call with either bit in its argument `mode`, and `flags` in the argument before it: a mode
// counts only where something is created.
void refuse_set_id(std::vector<SeccompRule>& out, std::string_view name, unsigned mode,
                   std::uint32_t flags = 0) {
  for (const std::uint32_t bit : {std::uint32_t{S_ISUID}, std::uint32_t{S_ISGID}}) {
    std::vector<SeccompArgument> when{has(mode, bit)};
    if (flags != 0) when.push_back(has(mode - 1, flags));
    out.push_back(refuse(name, std::move(when)));
  }
}

}  // namespace

std::vector<SeccompRule> set_id_rules() {
  std::vector<SeccompRule> out;
  refuse_set_id(out, "chmod", 1);
  refuse_set_id(out, "fchmod", 1);
  refuse_set_id(out, "fchmodat", 2);
  refuse_set_id(out, "creat", 1);
  refuse_set_id(out, "mknod", 1);
  refuse_set_id(out, "mknodat", 2);
  for (const std::uint32_t creating : {std::uint32_t{O_CREAT}, kTmpfile}) {
    refuse_set_id(out, "open", 2, creating);
    refuse_set_id(out, "openat", 3, creating);
  }
  // chmod by another name, and a mode that lies in memory: libraries fall back to the older calls.
  out.push_back(refuse("fchmodat2", {}, ENOSYS));
  out.push_back(refuse("openat2", {}, ENOSYS));
  return out;
}

}  // namespace mydocker::seccomp
