// What a container has written over its layers.
#pragma once

#include <string>
#include <vector>

#include "mydocker/unique_fd.hpp"

namespace mydocker::image {

// What lies below a writable folder (include/mydocker/action.hpp, MakeWritable).
struct Base {
  std::string image;               // its folder; empty: the layers are of no image
  std::vector<std::string> lower;  // folders, the topmost first
  UniqueFd disk;                   // what is on a disk image, which one of these paths leads to
};

// Reads the file `base` of a writable folder; throws SetupError if there is none.
[[nodiscard]] Base read_base(const std::string& writable);

struct Change {
  char kind = 'C';  // 'A' added, 'C' changed, 'D' deleted
  std::string path;
  bool operator==(const Change&) const = default;
};

// By their paths. Folders in which something has changed have changed themselves. Throws SetupError.
[[nodiscard]] std::vector<Change> changes_in(const std::string& writable);

}  // namespace mydocker::image
