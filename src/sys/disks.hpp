// Files that hold a file system which is only read: squashfs and erofs. See loop(4), and the kernel's
// Documentation/filesystems/squashfs.rst and erofs.rst.
#pragma once

#include <optional>
#include <string>

#include "mydocker/mount.hpp"
#include "mydocker/unique_fd.hpp"

namespace mydocker::sys {

// The disk that the file `path` is, by the number it begins with; nothing if it is none, or cannot be
// read.
[[nodiscard]] std::optional<Disk> disk_at(const std::string& path);

// What is on it, mounted read-only and detached. Where the kernel wants a device, a loop device is its
// own, and goes with it. Throws std::system_error.
[[nodiscard]] UniqueFd mount_disk(const Disk& disk, const MountFlags& flags);

}  // namespace mydocker::sys
