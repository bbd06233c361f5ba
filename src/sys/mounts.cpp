#include "sys/mounts.hpp"

#include <fcntl.h>
#include <linux/mount.h>
#include <linux/openat2.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <climits>

#include "helpers/text.hpp"
#include "sys/check.hpp"
#include "sys/files.hpp"

namespace mydocker::sys {
namespace {

// By syscall(2): glibc has wrappers only from 2.36 on, and its header cannot stand beside
// <linux/mount.h>.
constexpr unsigned kByDescriptors = MOVE_MOUNT_F_EMPTY_PATH | MOVE_MOUNT_T_EMPTY_PATH;
constexpr int kDetach = 2;  // MNT_DETACH, see umount2(2)

constexpr std::uint64_t kAccessTimes = MOUNT_ATTR__ATIME;

std::uint64_t attributes(const MountFlags& flags) {
  const auto bit = [](bool wanted, std::uint64_t value) { return wanted ? value : 0U; };
  return bit(flags.read_only, MOUNT_ATTR_RDONLY) | bit(flags.nosuid, MOUNT_ATTR_NOSUID) |
         bit(flags.nodev, MOUNT_ATTR_NODEV) | bit(flags.noexec, MOUNT_ATTR_NOEXEC) |
         bit(flags.noatime, MOUNT_ATTR_NOATIME) | bit(flags.strictatime, MOUNT_ATTR_STRICTATIME) |
         bit(flags.nodiratime, MOUNT_ATTR_NODIRATIME) |
         bit(flags.nosymfollow, MOUNT_ATTR_NOSYMFOLLOW);
}

// The three kinds of access time are one field: to set one is to clear the field first.
bool chooses_access_time(const MountFlags& flags) {
  return flags.noatime || flags.relatime || flags.strictatime;
}

// See mount(2).
unsigned long propagation_flag(Propagation kind) {
  constexpr unsigned long kUnbindable = 1UL << 17, kPrivate = 1UL << 18, kSlave = 1UL << 19,
                          kShared = 1UL << 20;
  switch (kind) {
    case Propagation::slave:
      return kSlave;
    case Propagation::shared:
      return kShared;
    case Propagation::unbindable:
      return kUnbindable;
    case Propagation::is_private:
      break;
  }
  return kPrivate;
}

// Where a symbolic link leads, as a path inside the root.
std::string target_of(int folder, const std::string& name, std::string_view path) {
  char target[PATH_MAX];
  const auto length =
      check(::readlinkat(folder, name.c_str(), target, sizeof target), "readlinkat");
  std::string out(target, static_cast<std::size_t>(length));
  return out.starts_with('/') ? out : std::string(path.substr(0, path.rfind('/') + 1)) + out;
}

void make_missing(int root, std::string_view path, Symlinks symlinks, Create create,
                  int links_left = 40) {
  std::string done = "/";
  UniqueFd folder = try_open_in_root(root, done, symlinks);
  const auto parts = text::split(path, '/');
  for (std::size_t i = 0; i < parts.size(); ++i) {
    if (parts[i].empty()) continue;
    const std::string name(parts[i]);
    const Create kind = i + 1 == parts.size() ? create : Create::folder;
    done += name;
    UniqueFd next = try_open_in_root(root, done, symlinks);
    if (!next && errno == ENOENT) {
      if (kind == Create::file) {
        const UniqueFd made(::openat(folder.get(), name.c_str(),
                                     O_CREAT | O_EXCL | O_WRONLY | O_NOFOLLOW | O_CLOEXEC, 0644));
        if (!made && errno != EEXIST) fail(errno, "openat");
      } else if (::mkdirat(folder.get(), name.c_str(), 0755) < 0 && errno != EEXIST) {
        fail(errno, "mkdirat");
      }
      next = try_open_in_root(root, done, symlinks);
    }
    // A link to what is not there yet, as /etc/resolv.conf in many images.
    if (!next && errno == ENOENT && symlinks == Symlinks::follow && links_left > 0) {
      make_missing(root, target_of(folder.get(), name, done), symlinks, kind, links_left - 1);
      next = try_open_in_root(root, done, symlinks);
    }
    if (!next) fail(errno, "openat2");
    folder = std::move(next);
    done += '/';
  }
}

// The mount that a path leads to; 0 before Linux 5.8.
std::uint64_t mount_of(const char* path) {
  struct statx info {};
  check(::statx(AT_FDCWD, path, 0, STATX_MNT_ID, &info), "statx");
  return (info.stx_mask & STATX_MNT_ID) != 0 ? info.stx_mnt_id : 0;
}

}  // namespace

UniqueFd try_open_in_root(int root, const std::string& path, Symlinks symlinks) {
  open_how how{};
  how.flags = O_PATH | O_CLOEXEC;
  how.resolve = RESOLVE_IN_ROOT | RESOLVE_NO_MAGICLINKS;
  if (symlinks == Symlinks::refuse) how.resolve |= RESOLVE_NO_SYMLINKS;
  // EAGAIN: something was renamed meanwhile and the kernel cannot tell whether ".." stayed inside.
  constexpr int kTries = 64;
  for (int tries = 1;; ++tries) {
    const long fd = ::syscall(SYS_openat2, root, path.c_str(), &how, sizeof how);
    if (fd >= 0 || errno != EAGAIN || tries == kTries) return UniqueFd(static_cast<int>(fd));
  }
}

UniqueFd open_in_root(int root, std::string_view path, Symlinks symlinks, Create create) {
  const std::string wanted = path.empty() ? "/" : std::string(path);
  UniqueFd found = try_open_in_root(root, wanted, symlinks);
  if (!found && errno == ENOENT && create != Create::nothing) {
    make_missing(root, path, symlinks, create);
    found = try_open_in_root(root, wanted, symlinks);
  }
  if (!found) fail(errno, "openat2");
  return found;
}

UniqueFd copy_tree(int at, const char* path, bool recursive) {
  const unsigned flags =
      OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC | AT_EMPTY_PATH | (recursive ? AT_RECURSIVE : 0U);
  return check_fd(::syscall(SYS_open_tree, at, path, flags), "open_tree");
}

bool change_mount(int mount, const MountChange& change) {
  mount_attr attr{};
  attr.attr_set = attributes(change.set);
  attr.attr_clr = attributes(change.clear);
  if (chooses_access_time(change.set) || chooses_access_time(change.clear))
    attr.attr_clr |= kAccessTimes;
  if (change.propagation) attr.propagation = propagation_flag(*change.propagation);
  if (change.user_namespace >= 0) {
    attr.attr_set |= std::uint64_t{MOUNT_ATTR_IDMAP};
    attr.userns_fd = static_cast<unsigned>(change.user_namespace);
  }
  const unsigned how = AT_EMPTY_PATH | (change.recursive ? AT_RECURSIVE : 0U);
  const long result = ::syscall(SYS_mount_setattr, mount, "", how, &attr, sizeof attr);
  if (result < 0 && errno == EINVAL && change.user_namespace >= 0) return false;
  check(result, "mount_setattr");
  return true;
}

void add_flags(int mount, const MountFlags& flags, bool recursive) {
  (void)!change_mount(mount, {.set = flags, .recursive = recursive});
}

void attach(int mount, int target) {
  check(::syscall(SYS_move_mount, mount, "", target, "", kByDescriptors), "move_mount");
}

void detach(int mount) {
  check(::fchdir(mount), "fchdir");
  check(::syscall(SYS_umount2, ".", kDetach), "umount2");
  check(::chdir("/"), "chdir");
}

UniqueFd make_mount(const std::string& type, const MountFlags& flags,
                    const std::vector<std::pair<std::string, std::string>>& options) {
  const UniqueFd context = check_fd(::syscall(SYS_fsopen, type.c_str(), FSOPEN_CLOEXEC), "fsopen");
  const auto configure = [&](unsigned command, const char* key, const char* value) {
    check(::syscall(SYS_fsconfig, context.get(), command, key, value, 0), "fsconfig");
  };
  for (const auto& [key, value] : options) {
    if (value.empty())
      configure(FSCONFIG_SET_FLAG, key.c_str(), nullptr);
    else
      configure(FSCONFIG_SET_STRING, key.c_str(), value.c_str());
  }
  configure(FSCONFIG_CMD_CREATE, nullptr, nullptr);
  return check_fd(::syscall(SYS_fsmount, context.get(), FSMOUNT_CLOEXEC, attributes(flags)),
                  "fsmount");
}

void set_root_propagation(const MountPropagation& propagation) {
  constexpr unsigned long kRecursive = 1UL << 14;  // MS_REC, see mount(2)
  const unsigned long flags =
      propagation_flag(propagation.kind) | (propagation.recursive ? kRecursive : 0U);
  check(::syscall(SYS_mount, nullptr, "/", nullptr, flags, nullptr), "mount");
}

std::string read_in_root(int root, const char* path) {
  constexpr std::size_t kMostOfFile = 4U << 20;
  try {
    const UniqueFd found = open_in_root(root, path, Symlinks::follow, Create::nothing);
    struct stat info {};
    if (::fstat(found.get(), &info) < 0 || !S_ISREG(info.st_mode))
      return {};  // a FIFO would never end
    const std::string self = "/proc/self/fd/" + std::to_string(found.get());
    const UniqueFd file(::open(self.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
    return file ? read_all(file.get(), kMostOfFile) : std::string();
  } catch (const std::system_error&) {
    return {};
  }
}

void pivot_root(int root) {
  check(::fchdir(root), "fchdir");
  // The same folder twice: the old root is stacked over the new one, and leaves from there without
  // a mount point being made for it. See the notes of pivot_root(2).
  check(::syscall(SYS_pivot_root, ".", "."), "pivot_root");
  check(::syscall(SYS_umount2, ".", kDetach), "umount2");
  check(::chdir("/"), "chdir");
  // ".." of the root leads to what lies over it. If that was more than the old root, it is there still.
  if (mount_of("/") != mount_of("/..")) fail(EBUSY, "umount2");
}

}  // namespace mydocker::sys
