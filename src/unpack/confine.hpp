// Before a byte of an archive is read: this process gives up what it does not need to unpack it.
#pragma once

#include <cstdint>

namespace mydocker::unpack {

// `folder`, an open folder, is all that can be reached from here on, to write; -1: nothing at all.
// Descriptors 0, 1, 2 and `folder` stay open. No file larger than `most_bytes` can be written.
// Throws std::system_error.
void confine(int folder, std::uint64_t most_bytes);

}  // namespace mydocker::unpack
