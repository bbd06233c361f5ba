#include "sys/memory_file.hpp"

#include <fcntl.h>
#include <sys/mman.h>

#include "sys/check.hpp"

namespace mydocker::sys {

UniqueFd executable_memory(const char* name) {
  constexpr unsigned kExecutable = 0x10;  // MFD_EXEC, from Linux 6.3 on
  constexpr unsigned kFlags = MFD_CLOEXEC | MFD_ALLOW_SEALING;
  const int fd = ::memfd_create(name, kFlags | kExecutable);
  if (fd >= 0 || errno != EINVAL) return check_fd(fd, "memfd_create");
  return check_fd(::memfd_create(name, kFlags), "memfd_create");
}

void seal(int memory) {
  check(::fcntl(memory, F_ADD_SEALS, F_SEAL_SEAL | F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE),
        "fcntl(F_ADD_SEALS)");
}

}  // namespace mydocker::sys
