// The file rights of landlock(7) as bits. A kernel refuses those that are newer than its ABI.
#pragma once

#include <cstdint>

namespace mydocker::file_rights {

inline constexpr std::uint64_t kExecute = 1U << 0, kWriteFile = 1U << 1, kReadFile = 1U << 2,
                               kReadFolder = 1U << 3, kRefer = 1U << 13, kTruncate = 1U << 14,
                               kDeviceControl = 1U << 15;

// The first ABI under which a file can be renamed into another folder (REFER): programs need that.
inline constexpr int kLeastAbi = 2;

// All that the ABI knows.
[[nodiscard]] std::uint64_t all(int abi);

// Of `rights` those that mean something for a file; the others are refused for what is no folder.
[[nodiscard]] std::uint64_t for_file(std::uint64_t rights);

// What opening a file anew may ask for, if it is open already with these flags of open(2).
[[nodiscard]] std::uint64_t of_open(int flags);

}  // namespace mydocker::file_rights
