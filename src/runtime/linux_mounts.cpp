// LinuxExecutor: trees, mounts, devices, masks, pivot_root.
#include <fcntl.h>
#include <linux/magic.h>
#include <sys/stat.h>
#include <sys/statfs.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "helpers/text.hpp"
#include "runtime/linux_executor.hpp"
#include "sys/check.hpp"
#include "sys/mounts.hpp"

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

// The kernel's file systems and ours are opened without following any symlink: a root that brings
// /proc as a link to /etc is refused, not obeyed.
UniqueFd real_place(int root, std::string_view path, sys::Create create) {
  return sys::open_in_root(root, path, sys::Symlinks::refuse, create);
}

// Empty where this kernel has no such file.
UniqueFd if_it_exists(int root, const std::string& path) {
  UniqueFd found = sys::try_open_in_root(root, path, sys::Symlinks::refuse);
  if (!found && errno != ENOENT) sys::fail(errno, "openat2");
  return found;
}

}  // namespace

void LinuxExecutor::act(const OpenTree& action) {
  if (context_.trees.size() <= action.tree) context_.trees.resize(action.tree + 1);
  context_.trees[action.tree] = sys::copy_tree(AT_FDCWD, action.path.c_str(), true);
}

void LinuxExecutor::act(const SetTree& action) {
  const int tree = context_.trees[action.tree].get();
  if (!action.id_mapped) {
    (void)!sys::set_tree(tree, action.flags, -1);
    return;
  }
  const std::string path = "/proc/" + std::to_string(context_.child) + "/ns/user";
  const UniqueFd user_namespace = sys::check_fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC), "open");
  if (sys::set_tree(tree, action.flags, user_namespace.get())) return;
  context_.warnings.push_back(
      "the file system of " +
      (action.tree == kRootTree ? std::string("the root")
                                : "volume " + std::to_string(action.tree)) +
      " cannot be ID-mapped: inside, its files belong to nobody and can only be read");
  (void)!sys::set_tree(tree, action.flags, -1);
  for (const auto& [target, kind] : action.mount_points) {
    const auto create = kind == kRootTree ? sys::Create::folder : like(context_.trees[kind]);
    (void)!sys::open_in_root(tree, target, sys::Symlinks::follow, create);
  }
}

void LinuxExecutor::act(const MakeMountsPrivate&) { sys::make_mounts_private(); }

void LinuxExecutor::act(const AttachRoot&) {
  const UniqueFd old_root = sys::check_fd(::open("/", O_PATH | O_CLOEXEC), "open");
  sys::attach(root(), old_root.get());
}

void LinuxExecutor::act(const AttachTree& action) {
  const UniqueFd& tree = context_.trees[action.tree];
  const UniqueFd target =
      sys::open_in_root(root(), action.target, sys::Symlinks::follow, like(tree));
  refuse_protected(target.get());
  sys::attach(tree.get(), target.get());
}

void LinuxExecutor::act(const MountFileSystem& action) {
  const UniqueFd mount = sys::make_mount(action.type, action.flags, action.options);
  if (action.by_user) {
    const UniqueFd target =
        sys::open_in_root(root(), action.target, sys::Symlinks::follow, sys::Create::folder);
    refuse_protected(target.get());
    sys::attach(mount.get(), target.get());
    return;
  }
  // /dev is our own, new and empty: what belongs in it is made without looking for it first.
  if (action.target.starts_with("/dev/")) {
    const std::string name = split_path(action.target).second;
    sys::check(::mkdirat(parent_of(action.target), name.c_str(), 0755), "mkdirat");
  }
  const UniqueFd target = real_place(root(), action.target, sys::Create::folder);
  sys::attach(mount.get(), target.get());
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

int LinuxExecutor::parent_of(std::string_view path) {
  const auto folder = split_path(path).first;
  if (!parent_ || parent_path_ != folder) {
    parent_ = real_place(root(), folder, sys::Create::nothing);
    parent_path_ = folder;
  }
  return parent_.get();
}

void LinuxExecutor::act(const MakeNode& action) {
  const std::string name = split_path(action.path).second;
  sys::check(::mknodat(parent_of(action.path), name.c_str(), S_IFCHR | action.mode,
                       makedev(action.major, action.minor)),
             "mknodat");
}

void LinuxExecutor::act(const BindDevice& action) {
  const UniqueFd device = sys::copy_tree(AT_FDCWD, action.source.c_str(), false);
  sys::add_flags(device.get(), kNosuidNoexec, false);
  const std::string name = split_path(action.target).second;
  const UniqueFd target =
      sys::check_fd(::openat(parent_of(action.target), name.c_str(),
                             O_CREAT | O_EXCL | O_WRONLY | O_NOFOLLOW | O_CLOEXEC, 0666),
                    "openat");
  sys::attach(device.get(), target.get());
}

void LinuxExecutor::act(const MakeSymlink& action) {
  const std::string name = split_path(action.path).second;
  sys::check(::symlinkat(action.target.c_str(), parent_of(action.path), name.c_str()), "symlinkat");
}

// A folder's mask is an empty folder; a file's is a device node without a driver on a mount where
// device nodes mean nothing: to open it is EACCES, which tells more than the emptiness of /dev/null.
UniqueFd LinuxExecutor::mask_like(int target) {
  const char* const folder = "folder";
  const char* const file = "file";
  if (!mask_) {
    mask_ = sys::make_mount("tmpfs", kInert, {{"mode", "555"}, {"size", "4k"}, {"nr_inodes", "4"}});
    sys::check(::mkdirat(mask_.get(), folder, 0555), "mkdirat");
    sys::check(::mknodat(mask_.get(), file, S_IFCHR, makedev(0, 0)), "mknodat");
    sys::add_flags(mask_.get(), {.read_only = true}, false);
    // Only an attached mount can be copied from. The container's own /dev will cover this place.
    sys::attach(mask_.get(), real_place(root(), "/dev", sys::Create::folder).get());
  }
  return sys::copy_tree(mask_.get(), is_folder(target) ? folder : file, false);
}

void LinuxExecutor::act(const MaskPath& action) {
  const UniqueFd target = if_it_exists(root(), action.path);
  if (!target) return;
  sys::attach(mask_like(target.get()).get(), target.get());
}

void LinuxExecutor::act(const MakeReadOnly& action) {
  if (action.path == "/") {
    sys::add_flags(root(), {.read_only = true}, false);
    return;
  }
  const UniqueFd target = if_it_exists(root(), action.path);
  if (!target) return;
  MountFlags read_only = kInert;
  read_only.read_only = true;
  const UniqueFd copy = sys::copy_tree(target.get(), "", true);
  sys::add_flags(copy.get(), read_only, true);
  sys::attach(copy.get(), target.get());
}

void LinuxExecutor::act(const PivotRoot&) {
  sys::pivot_root(root());
  parent_.reset();
  mask_.reset();
}

}  // namespace mydocker
