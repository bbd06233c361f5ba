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
  // Not F_SEAL_WRITE: it fails with EBUSY while anything still holds a page of the file, be it a
  // write that the kernel has not yet let go of.
  constexpr int kSeals = F_SEAL_SEAL | F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_FUTURE_WRITE;
  check(::fcntl(memory, F_ADD_SEALS, kSeals), "fcntl(F_ADD_SEALS)");
}

}  // namespace mydocker::sys
