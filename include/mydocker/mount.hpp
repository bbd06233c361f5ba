// What is mounted in the container, in order: both front ends end in the same list.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace mydocker {

// One line of /proc/PID/uid_map, see user_namespaces(7).
struct IdRange {
  std::uint32_t inside = 0, outside = 0, count = 0;
  bool operator==(const IdRange&) const = default;
};

// Attributes of a mount, in the words of mount(8); see mount_setattr(2).
struct MountFlags {
  bool read_only = false, nosuid = false, nodev = false, noexec = false;
  bool noatime = false, relatime = false, strictatime = false, nodiratime = false,
       nosymfollow = false;
  bool operator==(const MountFlags&) const = default;
  [[nodiscard]] bool any() const { return *this != MountFlags{}; }
};
inline constexpr MountFlags kNosuidNodev{.nosuid = true, .nodev = true};
inline constexpr MountFlags kNosuidNoexec{.nosuid = true, .noexec = true};
inline constexpr MountFlags kInert{.nosuid = true, .nodev = true, .noexec = true};

// A file that holds a file system which is only read, as mksquashfs(1) and mkfs.erofs(1) make them.
struct Disk {
  std::string file, type;  // its type in the kernel's words: "squashfs"
  bool operator==(const Disk&) const = default;
};

// Where mounts made in one place appear too, see mount_namespaces(7).
enum class Propagation { is_private, slave, shared, unbindable };

struct MountPropagation {
  Propagation kind = Propagation::is_private;
  bool recursive = false;
  bool operator==(const MountPropagation&) const = default;
};

// Ids of files as the container sees them, see mount_setattr(2), MOUNT_ATTR_IDMAP.
struct MountIdMap {
  std::vector<IdRange> uids, gids;  // both empty: as the container's user namespace maps them
  bool recursive = false;           // also the mounts below
  bool operator==(const MountIdMap&) const = default;
};

enum class MountKind {
  file_system,  // a new instance of a kernel file system
  bind,         // a folder or file of the host
  cgroups,      // the container's own cgroups, of whichever version the host has
  change,       // nothing new: what is mounted at the target gets other attributes
};

struct Mount {
  MountKind kind = MountKind::file_system;
  std::string type;                   // of a file system: "proc", "tmpfs"
  std::string source;                 // bind: any path of the host; else what mountinfo shows
  std::string target;                 // absolute, inside the root
  MountFlags set, clear;              // on this mount
  MountFlags set_below, clear_below;  // on this mount and all below it
  std::optional<MountPropagation> propagation;  // none: private, with all below
  std::vector<std::pair<std::string, std::string>>
      options;             // the file system's own; value may be empty
  bool recursive = false;  // bind: with the mounts below the source
  bool copy_up = false;    // tmpfs: filled with what the root has in this place
  std::optional<MountIdMap> id_map;
  bool may_be_lacking = false;  // bind: a source that does not exist is passed over
  // Asked for by a user who may not cover what protects the host: /proc, /sys, /dev.
  bool guarded = false;
  bool operator==(const Mount&) const = default;
};

// A device node in the container's /dev.
struct Device {
  std::string path;
  char type = 'c';  // 'c', 'b', 'p'; see mknod(2)
  unsigned major = 0, minor = 0;
  unsigned mode = 0666;
  unsigned uid = 0, gid = 0;
  bool operator==(const Device&) const = default;
};

}  // namespace mydocker
