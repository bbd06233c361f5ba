#include "helpers/file_rights.hpp"

#include <fcntl.h>

namespace mydocker::file_rights {

std::uint64_t all(int abi) {
  constexpr int kTruncateAbi = 3, kDeviceControlAbi = 5;
  if (abi < 1) return 0;
  std::uint64_t out = kRefer - 1;  // the thirteen of ABI 1
  if (abi >= kLeastAbi) out |= kRefer;
  if (abi >= kTruncateAbi) out |= kTruncate;
  if (abi >= kDeviceControlAbi) out |= kDeviceControl;
  return out;
}

std::uint64_t for_file(std::uint64_t rights) {
  return rights & (kExecute | kWriteFile | kReadFile | kTruncate | kDeviceControl);
}

std::uint64_t of_open(int flags) {
  if ((flags & O_PATH) != 0) return 0;
  switch (flags & O_ACCMODE) {
    case O_RDONLY:
      return kReadFile | kDeviceControl;
    case O_WRONLY:
      return kWriteFile | kTruncate | kDeviceControl;
    default:
      return kReadFile | kWriteFile | kTruncate | kDeviceControl;
  }
}

}  // namespace mydocker::file_rights
