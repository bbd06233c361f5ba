#include "sys/landlock.hpp"

#include <fcntl.h>
#include <linux/landlock.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "helpers/file_rights.hpp"
#include "sys/check.hpp"

namespace mydocker::sys {

int landlock_abi() {
  const long abi =
      ::syscall(SYS_landlock_create_ruleset, nullptr, 0, LANDLOCK_CREATE_RULESET_VERSION);
  return abi > 0 ? static_cast<int>(abi) : 0;
}

UniqueFd make_ruleset(std::uint64_t handled, bool shuts_abstract_sockets) {
  // As Linux 6.12 has it. An older kernel takes the beginning, and so the whole only if it is asked.
  struct {
    std::uint64_t files, network, scopes;
  } attr{handled, 0, 0};
  constexpr std::uint64_t kAbstractSockets = 1;  // LANDLOCK_SCOPE_ABSTRACT_UNIX_SOCKET
  if (shuts_abstract_sockets) attr.scopes = kAbstractSockets;
  const std::size_t size = shuts_abstract_sockets ? sizeof attr : sizeof attr.files;
  return check_fd(::syscall(SYS_landlock_create_ruleset, &attr, size, 0),
                  "landlock_create_ruleset");
}

void grant(int ruleset, int folder, std::uint64_t rights) {
  landlock_path_beneath_attr attr{};
  attr.allowed_access = rights;
  attr.parent_fd = folder;
  check(::syscall(SYS_landlock_add_rule, ruleset, LANDLOCK_RULE_PATH_BENEATH, &attr, 0),
        "landlock_add_rule");
}

void grant_at(int ruleset, int place, std::uint64_t rights) {
  struct stat info {};
  check(::fstat(place, &info), "fstat");
  grant(ruleset, place, S_ISDIR(info.st_mode) ? rights : file_rights::for_file(rights));
}

void grant_open(int ruleset, int fd, std::uint64_t handled) {
  struct stat info {};
  check(::fstat(fd, &info), "fstat");
  if (!S_ISREG(info.st_mode) && !S_ISCHR(info.st_mode)) return;
  const auto flags = static_cast<int>(check(::fcntl(fd, F_GETFL), "fcntl"));
  const std::uint64_t rights = file_rights::of_open(flags) & handled;
  if (rights == 0) return;
  try {
    grant(ruleset, fd, rights);
  } catch (const std::system_error& error) {
    // A file without a path, as those in memory: the kernel lets them be opened again anyway.
    if (error.code().value() != EBADFD) throw;
  }
}

void restrict_self(int ruleset) {
  check(::syscall(SYS_landlock_restrict_self, ruleset, 0), "landlock_restrict_self");
}

}  // namespace mydocker::sys
