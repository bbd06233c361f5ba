// The mount calls of Linux 5.2 and later, and paths resolved inside a root. Everything by
// descriptor: a target is resolved once and then never looked up again, so that nobody can swap it
// in between.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "mydocker/action.hpp"
#include "mydocker/unique_fd.hpp"

namespace mydocker::sys {

enum class Symlinks { follow, refuse };
enum class Create { nothing, folder, file };

// An O_PATH descriptor of `path` as it is inside `root`: no "..", symlink or magic link leads out
// of it.
// What is missing is made first if asked for. Throws std::system_error. See openat2(2),
// RESOLVE_IN_ROOT.
[[nodiscard]] UniqueFd open_in_root(int root, std::string_view path, Symlinks symlinks,
                                    Create create);

// The same without making anything; empty, with errno set, if there is no such path. For what may
// well be missing: a first exception costs a start most of a millisecond.
[[nodiscard]] UniqueFd try_open_in_root(int root, const std::string& path, Symlinks symlinks);

// What the regular file `path` inside `root` holds, its first 4 MiB; empty for anything else.
[[nodiscard]] std::string read_in_root(int root, const char* path);

// A detached copy of the mounts at `path` below the folder `at`, submounts too; an empty path is
// `at` itself.
[[nodiscard]] UniqueFd copy_tree(int at, const char* path, bool recursive);

// What mount_setattr(2) is asked for, of one mount or of all below it too.
struct MountChange {
  MountFlags set, clear;
  std::optional<Propagation> propagation;
  bool recursive = false;
  int user_namespace = -1;  // whose maps the ids get
};

// Changes a mount. Gives false, with nothing changed, if the file system cannot be ID-mapped.
[[nodiscard]] bool change_mount(int mount, const MountChange& change);

// Adds `flags` to one mount, or to all below it.
void add_flags(int mount, const MountFlags& flags, bool recursive);

// Attaches a detached mount at `target`, an O_PATH descriptor. See move_mount(2).
void attach(int mount, int target);

// Detaches the attached mount at `mount`, with what is mounted on it; copies of it stay. Changes the
// working directory to "/". See umount2(2), MNT_DETACH.
void detach(int mount);

// A new, detached instance of a kernel file system. See fsopen(2).
[[nodiscard]] UniqueFd make_mount(const std::string& type, const MountFlags& flags,
                                  const std::vector<std::pair<std::string, std::string>>& options);

// Sets where mounts made below "/" appear too, see mount_namespaces(7).
void set_root_propagation(const MountPropagation& propagation);

// Swaps this process's root for the mount at `root` and detaches the old one. See pivot_root(2).
void pivot_root(int root);

}  // namespace mydocker::sys
