// Requests for a root that is made of layers; part of Action.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "mydocker/spec.hpp"

namespace mydocker {

// A lock that others may share: who removes the image waits for none, and is refused.
struct HoldImage {
  std::string folder;
  bool operator==(const HoldImage&) const = default;
};
// A folder with an empty `upper` and `work` in it, which belong to `uid` and `gid`, and a file `base`
// that says what lies below: the image's folder or nothing, then the layers from the topmost on, a
// line each. With `may_exist` one that was used before, over the same. Named in the record first.
struct MakeWritable {
  std::string folder, base;
  std::uint32_t uid = 0, gid = 0;
  bool may_exist = false;
  bool operator==(const MakeWritable&) const = default;
};
struct RemoveWritable {
  std::string folder;
  bool operator==(const RemoveWritable&) const = default;
};
// The tree `tree`: what is on that disk, mounted for nobody else to see.
struct MountDisk {
  unsigned tree = 0;
  Disk disk;
  MountFlags flags;
  bool operator==(const MountDisk&) const = default;
};
// The root's tree, as an overlay of the trees from kFirstLayerTree on, the topmost first, under the
// writable one (kWritableTree).
struct MountLayers {
  unsigned trees = 0;  // how many lower ones there are
  MountFlags flags;
  bool syncs = true;  // else what is written need not outlive the machine
  bool operator==(const MountLayers&) const = default;
};

}  // namespace mydocker
