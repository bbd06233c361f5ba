// LinuxExecutor: trees, mounts, devices, masks, pivot_root.
#include <fcntl.h>
#include <linux/magic.h>
#include <sys/stat.h>
#include <sys/statfs.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <utility>

#include "helpers/addresses.hpp"
#include "helpers/text.hpp"
#include "runtime/linux_executor.hpp"
#include "sys/check.hpp"
#include "sys/copying.hpp"
#include "sys/files.hpp"
#include "sys/mounts.hpp"
#include "sys/user_namespaces.hpp"

namespace mydocker {
namespace {

bool is_folder(int fd) {
  struct stat info {};
  sys::check(::fstat(fd, &info), "fstat");
  return S_ISDIR(info.st_mode);
}

sys::Create like(const UniqueFd& tree) {
  return is_folder(tree.get()) ? sys::Create::folder : sys::Create::file;
}

// "/dev/null" as {"/dev", "null"}.
std::pair<std::string_view, std::string> split_path(std::string_view path) {
  const auto slash = path.rfind('/');
  return {path.substr(0, slash), std::string(path.substr(slash + 1))};
}

// What protects the host lies on these.
bool is_kernels(std::string_view target) {
  return target == "/proc" || target == "/sys" || target == "/dev";
}

bool chooses_mode(const MountFileSystem& mount) {
  return std::any_of(mount.options.begin(), mount.options.end(),
                     [](const auto& option) { return option.first == "mode"; });
}

void copy_mode(int from, int to) {
  struct stat info {};
  sys::check(::fstat(from, &info), "fstat");
  sys::check(::fchmodat(to, ".", info.st_mode & 07777, 0), "fchmodat");
}

// With the container's addresses; a line for one that it has not is left out.
std::string content_of(const ProvideFile& action, const SharedPage& page) {
  if (action.is_of_network && page.resolvers.front() != '\0') return page.resolvers.data();
  std::string out;
  for (const auto line : text::split(action.text, '\n')) {
    std::string filled(line);
    for (const int family : {AF_INET, AF_INET6}) {
      const IpAddress& address = page.addresses.of(family);
      const std::string placeholder = addresses::text(addresses::own(family));
      if (!addresses::is_own(address))
        filled = text::replaced(filled, placeholder, addresses::text(address));
      else if (filled.find(placeholder) != std::string::npos)
        filled.clear();
    }
    if (!filled.empty()) out.append(filled).append("\n");
  }
  return out;
}

}  // namespace

// The kernel's file systems and ours are opened without following any symlink: a root that brings
// /proc as a link to /etc is refused, not obeyed.
UniqueFd LinuxExecutor::real_place(std::string_view path, sys::Create create) const {
  const auto [mount, rest] = mounts_.find(path);
  return sys::open_in_root(mount >= 0 ? mount : root(), rest, sys::Symlinks::refuse, create);
}

UniqueFd LinuxExecutor::if_it_exists(const std::string& path) const {
  const auto [mount, rest] = mounts_.find(path);
  UniqueFd found = sys::try_open_in_root(mount >= 0 ? mount : root(), rest, sys::Symlinks::refuse);
  // A path of the root's own (OCI) may go over links; they lead nowhere but into the root.
  if (!found && errno == ELOOP) found = sys::try_open_in_root(root(), path, sys::Symlinks::follow);
  if (!found && errno != ENOENT && errno != ENOTDIR) sys::fail(errno, "openat2");
  return found;
}

void LinuxExecutor::act(const OpenTree& action) {
  if (context_.trees.size() <= action.tree) context_.trees.resize(action.tree + 1);
  if (action.may_be_lacking && !sys::exists(action.path)) return;
  context_.trees[action.tree] = sys::copy_tree(AT_FDCWD, action.path.c_str(), action.recursive);
}

void LinuxExecutor::act(const SetTree& action) {
  if (!context_.trees[action.tree]) return;
  const int tree = context_.trees[action.tree].get();
  sys::MountChange below{.set = action.set_below,
                         .clear = action.clear_below,
                         .propagation = action.propagation.kind,
                         .recursive = true};
  sys::MountChange top{.set = action.set, .clear = action.clear};
  if (!action.propagation.recursive) std::swap(below.propagation, top.propagation);
  UniqueFd ids;
  if (action.id_map) {
    ids = user_namespace_of(*action.id_map);
    (action.id_map->recursive ? below : top).user_namespace = ids.get();
  }
  bool are_mapped = true;
  if (below.propagation || below.set.any() || below.clear.any() || below.user_namespace >= 0)
    are_mapped = sys::change_mount(tree, below);
  if (top.propagation || top.set.any() || top.clear.any() || top.user_namespace >= 0)
    are_mapped = sys::change_mount(tree, top) && are_mapped;
  if (are_mapped) return;
  // An engine's own map is a promise; that files belong to the container's root is a convenience.
  if (!action.id_map->uids.empty()) sys::fail(EINVAL, "mount_setattr");
  context_.warnings.push_back(
      "the file system of " +
      (action.tree == kRootTree         ? std::string("the root")
       : action.tree >= kFirstLayerTree ? std::string("the image's layers")
                                        : "volume " + std::to_string(action.tree)) +
      " cannot be ID-mapped: inside, its files belong to nobody and can only be read");
  // Nothing of a refused change was made: what was asked for besides is asked for again.
  for (auto* const change : {&below, &top}) {
    if (change->user_namespace < 0) continue;
    change->user_namespace = -1;
    (void)!sys::change_mount(tree, *change);
  }
  for (const auto& [target, kind] : action.mount_points) {
    if (kind != kRootTree && !context_.trees[kind]) continue;  // a source that is lacking
    const auto create = kind == kRootTree ? sys::Create::folder : like(context_.trees[kind]);
    (void)!sys::open_in_root(tree, target, sys::Symlinks::follow, create);
  }
}

UniqueFd LinuxExecutor::user_namespace_of(const MountIdMap& map) const {
  if (!map.uids.empty()) return sys::make_user_namespace(map.uids, map.gids);
  const std::string path = "/proc/" + std::to_string(context_.child) + "/ns/user";
  return sys::check_fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC), "open");
}

void LinuxExecutor::act(const MakeMountsPrivate&) {
  sys::set_root_propagation({Propagation::is_private, true});
}

void LinuxExecutor::act(const SetPropagation& action) {
  sys::set_root_propagation(action.propagation);
}

void LinuxExecutor::act(const AttachRoot& action) {
  const UniqueFd place = sys::check_fd(::open(action.target.c_str(), O_PATH | O_CLOEXEC), "open");
  sys::attach(root(), place.get());
}

void LinuxExecutor::act(const AttachTree& action) {
  UniqueFd& tree = context_.trees[action.tree];
  if (!tree) return;  // a source that may be lacking, and is
  const UniqueFd target =
      is_kernels(action.target)
          ? real_place(action.target, like(tree))
          : sys::open_in_root(root(), action.target, sys::Symlinks::follow, like(tree));
  if (action.guarded)
    refuse_protected(target.get());
  else
    refuse_proc(target.get(), action.target, tree.get());
  sys::attach(tree.get(), target.get());
  if (is_kernels(action.target)) mounts_.add(action.target, std::move(tree));
}

void LinuxExecutor::act(const MountFileSystem& action) {
  UniqueFd mount = sys::make_mount(action.type, action.flags, action.options);
  if (action.propagation.kind != Propagation::is_private) {
    (void)!sys::change_mount(mount.get(), {.propagation = action.propagation.kind});
  }
  if (action.links) {
    const UniqueFd target =
        sys::open_in_root(root(), action.target, sys::Symlinks::follow, sys::Create::folder);
    if (action.guarded)
      refuse_protected(target.get());
    else
      refuse_proc(target.get(), action.target, mount.get());
    if (action.copy_up) {
      sys::copy_folder(target.get(), mount.get());
      if (!chooses_mode(action)) copy_mode(target.get(), mount.get());
    }
    sys::attach(mount.get(), target.get());
    return;
  }
  // /dev is our own, new and empty: what belongs in it is made without looking for it first.
  if (action.target.starts_with("/dev/")) {
    const std::string name = split_path(action.target).second;
    if (::mkdirat(parent_of(action.target), name.c_str(), 0755) < 0 && errno != EEXIST)
      sys::fail(errno, "mkdirat");
  }
  const UniqueFd target = real_place(action.target, sys::Create::folder);
  if (action.type != "proc" && action.target.starts_with("/proc"))
    refuse_proc(target.get(), action.target, mount.get());
  sys::attach(mount.get(), target.get());
  mounts_.add(action.target, std::move(mount));
}

void LinuxExecutor::act(const ChangeMount& action) {
  const UniqueFd mount =
      sys::open_in_root(root(), action.target, sys::Symlinks::follow, sys::Create::nothing);
  sys::MountChange below{.set = action.set_below, .clear = action.clear_below, .recursive = true};
  sys::MountChange top{.set = action.set, .clear = action.clear};
  if (action.propagation)
    (action.propagation->recursive ? below : top).propagation = action.propagation->kind;
  (void)!sys::change_mount(mount.get(), below);
  (void)!sys::change_mount(mount.get(), top);
}

// A link in the root may lead a user's mount onto /proc, /sys or /dev, whose names the spec refuses.
void LinuxExecutor::refuse_protected(int target) {
  struct statfs type {};
  sys::check(::fstatfs(target, &type), "fstatfs");
  struct stat here {
  }, dev{};
  sys::check(::fstat(target, &here), "fstat");
  sys::check(::fstat(parent_of("/dev/null"), &dev), "fstat");
  const bool is_dev = here.st_dev == dev.st_dev && here.st_ino == dev.st_ino;
  if (type.f_type == PROC_SUPER_MAGIC || type.f_type == SYSFS_MAGIC || is_dev) {
    sys::fail(EPERM, "openat2");
  }
}

// What runs inside trusts /proc, and so do we: /proc is a procfs or nothing (an image may ask for a
// volume there), and only what lxcfs and its like give may be laid over files of it.
void LinuxExecutor::refuse_proc(int target, std::string_view path, int mount) {
  static constexpr std::string_view kAllowed[] = {"/proc/cpuinfo", "/proc/diskstats",
                                                  "/proc/meminfo", "/proc/stat",
                                                  "/proc/swaps",   "/proc/uptime",
                                                  "/proc/loadavg", "/proc/slabinfo",
                                                  "/proc/net/dev", "/proc/sys/kernel/ns_last_pid"};
  const auto is_proc = [](int fd) {
    struct statfs type {};
    sys::check(::fstatfs(fd, &type), "fstatfs");
    return type.f_type == PROC_SUPER_MAGIC;
  };
  const bool is_allowed =
      path == "/proc" ? is_proc(mount)
                      : !is_proc(target) || std::find(std::begin(kAllowed), std::end(kAllowed),
                                                      path) != std::end(kAllowed);
  if (!is_allowed) sys::fail(EPERM, "openat2");
}

int LinuxExecutor::parent_of(std::string_view path) {
  const auto folder = split_path(path).first;
  if (!parent_ || parent_path_ != folder) {
    parent_ = real_place(folder, sys::Create::folder);
    parent_path_ = folder;
  }
  return parent_.get();
}

void LinuxExecutor::act(const MakeNode& action) {
  const Device& device = action.device;
  const std::string name = split_path(device.path).second;
  const int folder = parent_of(device.path);
  const mode_t kind = device.type == 'b' ? S_IFBLK : device.type == 'p' ? S_IFIFO : S_IFCHR;
  if (::mknodat(folder, name.c_str(), kind | device.mode, makedev(device.major, device.minor)) <
      0) {
    // A root without a /dev of its own mounted may bring the node; it has to be the same.
    struct stat there {};
    const int error = errno;
    const bool is_same = error == EEXIST &&
                         ::fstatat(folder, name.c_str(), &there, AT_SYMLINK_NOFOLLOW) == 0 &&
                         (there.st_mode & S_IFMT) == kind &&
                         (kind == S_IFIFO || there.st_rdev == makedev(device.major, device.minor));
    if (!is_same) sys::fail(error, "mknodat");
  }
  if (device.uid != 0 || device.gid != 0) {
    sys::check(::fchownat(folder, name.c_str(), device.uid, device.gid, AT_SYMLINK_NOFOLLOW),
               "fchownat");
  }
}

void LinuxExecutor::act(const BindDevice& action) {
  const UniqueFd device = sys::copy_tree(AT_FDCWD, action.source.c_str(), false);
  sys::add_flags(device.get(), kNosuidNoexec, false);
  const std::string name = split_path(action.target).second;
  const int folder = parent_of(action.target);
  UniqueFd target(
      ::openat(folder, name.c_str(), O_CREAT | O_EXCL | O_WRONLY | O_NOFOLLOW | O_CLOEXEC, 0666));
  if (!target && errno == EEXIST)
    target =
        sys::check_fd(::openat(folder, name.c_str(), O_PATH | O_NOFOLLOW | O_CLOEXEC), "openat");
  if (!target) sys::fail(errno, "openat");
  sys::attach(device.get(), target.get());
}

void LinuxExecutor::act(const BindFolder& action) {
  const UniqueFd folder = sys::copy_tree(AT_FDCWD, action.source.c_str(), false);
  if (action.flags.any()) sys::add_flags(folder.get(), action.flags, false);
  sys::attach(folder.get(), real_place(action.target, sys::Create::folder).get());
}

void LinuxExecutor::act(const MakeSymlink& action) {
  const std::string name = split_path(action.path).second;
  const int folder = parent_of(action.path);
  if (::symlinkat(action.target.c_str(), folder, name.c_str()) == 0) return;
  // Only a root's own /dev can hold it already; a node or file in its place gives way.
  if (errno != EEXIST) sys::fail(errno, "symlinkat");
  char there[256];
  const auto length = ::readlinkat(folder, name.c_str(), there, sizeof there);
  if (length >= 0 && action.target == std::string_view(there, static_cast<std::size_t>(length)))
    return;
  sys::check(::unlinkat(folder, name.c_str(), 0), "unlinkat");
  sys::check(::symlinkat(action.target.c_str(), folder, name.c_str()), "symlinkat");
}

// A folder's mask is an empty folder. A file's is a device node without a driver on a mount where
// device nodes mean nothing: to open it is EACCES, which tells more than the emptiness of /dev/null;
// or an empty file, where programs expect that.
UniqueFd LinuxExecutor::mask_like(int target, Masks::File kind) {
  const char* const folder = "folder";
  const char* const file = "file";
  if (!mask_) {
    mask_ = sys::make_mount("tmpfs", kInert, {{"mode", "555"}, {"size", "4k"}, {"nr_inodes", "4"}});
    sys::check(::mkdirat(mask_.get(), folder, 0555), "mkdirat");
    const bool is_node = kind == Masks::File::unreadable;
    sys::check(::mknodat(mask_.get(), file, is_node ? S_IFCHR : S_IFREG | 0444, makedev(0, 0)),
               "mknodat");
    sys::add_flags(mask_.get(), {.read_only = true}, false);
    // Only an attached mount can be copied from. The container's own /dev will cover this place, or
    // DropMaskSource frees it.
    sys::attach(mask_.get(), real_place("/dev", sys::Create::folder).get());
  }
  return sys::copy_tree(mask_.get(), is_folder(target) ? folder : file, false);
}

void LinuxExecutor::act(const MaskPath& action) {
  const UniqueFd target = if_it_exists(action.path);
  if (!target) return;
  sys::attach(mask_like(target.get(), action.file).get(), target.get());
}

void LinuxExecutor::act(const DropMaskSource&) {
  if (!mask_) return;
  sys::detach(mask_.get());
  mask_.reset();
}

// Made in the container's /dev, which is memory; there it vanishes once it is seen elsewhere.
void LinuxExecutor::act(const ProvideFile& action) {
  constexpr const char* kName = ".mydocker";
  const int folder = parent_of("/dev/null");
  {
    const UniqueFd file = sys::check_fd(
        ::openat(folder, kName, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0644),
        "openat");
    sys::write_all(file.get(), content_of(action, *context_.page));
  }
  const UniqueFd copy = sys::copy_tree(folder, kName, false);
  const UniqueFd target =
      sys::open_in_root(root(), action.path, sys::Symlinks::follow, sys::Create::file);
  refuse_protected(target.get());
  sys::attach(copy.get(), target.get());
  sys::check(::unlinkat(parent_of("/dev/null"), kName, 0), "unlinkat");
}

void LinuxExecutor::act(const MakeReadOnly& action) {
  if (action.path == "/") {
    sys::add_flags(root(), {.read_only = true}, false);
    return;
  }
  const UniqueFd target = if_it_exists(action.path);
  if (!target) return;
  if (action.is_mount) {
    sys::add_flags(target.get(), {.read_only = true}, false);
    return;
  }
  MountFlags read_only = kInert;
  read_only.read_only = true;
  UniqueFd copy = sys::copy_tree(target.get(), "", true);
  sys::add_flags(copy.get(), read_only, true);
  sys::attach(copy.get(), target.get());
  if (is_kernels(action.path)) mounts_.add(action.path, std::move(copy));
}

void LinuxExecutor::act(const PivotRoot&) {
  sys::pivot_root(root());
  mounts_.clear();
  parent_.reset();
  mask_.reset();
}

}  // namespace mydocker
