// Overlays. See Documentation/filesystems/overlayfs.rst.
#pragma once

#include <vector>

#include "mydocker/mount.hpp"
#include "mydocker/unique_fd.hpp"

namespace mydocker::sys {

struct Overlay {
  std::vector<UniqueFd> lower;  // folders, the topmost first
  UniqueFd writable;            // a folder that holds `upper` and `work`
  MountFlags flags;
  bool syncs = true;  // false: fsync and its like do nothing
};

// Such an overlay, detached. Its own attributes are user.overlay.*, with root too: so layers are the
// same for both. Throws std::system_error.
[[nodiscard]] UniqueFd mount_overlay(const Overlay& overlay);

}  // namespace mydocker::sys
