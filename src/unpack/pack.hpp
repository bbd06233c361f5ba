// The way back: a folder becomes a tar archive.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <string>

namespace mydocker::unpack {

struct Packing {
  uid_t uid = 0;  // the owner who is 0 in the archive; the ids above count from there
  gid_t gid = 0;
  // Marks of overlayfs become the deletions of a layer; else they are left out.
  bool is_layer = true;
};

// Writes what lies below the folder `root`, without what is mounted on it, to the descriptor
// `output`. Gives the SHA-256 of the archive. Throws Refusal and std::system_error.
[[nodiscard]] std::string pack(int root, int output, const Packing& packing);

}  // namespace mydocker::unpack
