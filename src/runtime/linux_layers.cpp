// LinuxExecutor: a root of layers.
#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>

#include "runtime/linux_executor.hpp"
#include "runtime/own_root.hpp"
#include "runtime/records.hpp"
#include "sys/check.hpp"
#include "sys/disks.hpp"
#include "sys/files.hpp"
#include "sys/overlays.hpp"

namespace mydocker {
namespace {

void make_folder(const std::string& path, bool may_exist) {
  if (::mkdir(path.c_str(), 0700) == 0) return;
  struct stat info {};
  const bool is_folder = errno == EEXIST && may_exist && ::lstat(path.c_str(), &info) == 0 &&
                         S_ISDIR(info.st_mode);  // a link would lead to another's files
  if (!is_folder) sys::fail(errno == EEXIST && may_exist ? ENOTDIR : errno, "mkdir");
}

// What was written over other layers makes no sense over these.
void set_base(const std::string& path, const std::string& base) {
  const UniqueFd file(
      ::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600));
  if (file) return sys::write_all(file.get(), base);
  if (errno != EEXIST) sys::fail(errno, "open");
  if (sys::try_read_file(path) != base) sys::fail(ESTALE, "open");
}

}  // namespace

void LinuxExecutor::act(const HoldImage& action) {
  UniqueFd image =
      sys::check_fd(::open(action.folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC), "open");
  sys::check(::flock(image.get(), LOCK_SH | LOCK_NB), "flock");
  // It may have been removed before we had the lock.
  struct stat info {};
  sys::check(::fstat(image.get(), &info), "fstat");
  if (info.st_nlink == 0) sys::fail(ENOENT, "fstat");
  context_.held.push_back(std::move(image));
}

void LinuxExecutor::act(const MakeWritable& action) {
  if (!action.may_exist) {
    record_folder_to_remove(context_.record.get(), action.folder);
    context_.writable = action.folder;
  }
  make_folder(action.folder, action.may_exist);
  const std::string upper = action.folder + "/upper", work = action.folder + "/work";
  make_folder(upper, action.may_exist);
  make_folder(work, action.may_exist);
  if (action.may_exist) {
    // Two overlays that write to one folder spoil each other.
    UniqueFd kept = sys::check_fd(
        ::open(action.folder.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC), "open");
    sys::check(::flock(kept.get(), LOCK_EX | LOCK_NB), "flock");
    context_.held.push_back(std::move(kept));
  }
  set_base(action.folder + "/base", action.base);
  // What is on top lends its mode to the root.
  sys::check(::chmod(upper.c_str(), 0755), "chmod");
  if (action.uid == 0 && action.gid == 0) return;
  for (const auto& path : {action.folder, upper, work})
    sys::check(::lchown(path.c_str(), action.uid, action.gid), "lchown");
}

void LinuxExecutor::act(const RemoveWritable& action) {
  if (context_.writable != action.folder) return;
  context_.trees.clear();  // nothing holds its mounts any more
  if (!remove_own_tree(action.folder)) sys::fail(errno, "unlink");
}

void LinuxExecutor::act(const MountDisk& action) {
  if (context_.trees.size() <= action.tree) context_.trees.resize(action.tree + 1);
  context_.trees[action.tree] = sys::mount_disk(action.disk, action.flags);
}

// overlayfs takes no detached mounts, and makes its own copies of attached ones. So the layers lie over
// each other on the host's root for a moment; what stayed there would keep that from leaving.
void LinuxExecutor::act(const MountLayers& action) {
  const UniqueFd place = sys::check_fd(::open("/", O_PATH | O_CLOEXEC), "open");
  const auto take = [&](Tree tree) {
    sys::attach(context_.trees[tree].get(), place.get());
    return std::move(context_.trees[tree]);
  };
  sys::Overlay overlay{.flags = action.flags, .syncs = action.syncs};
  overlay.writable = take(kWritableTree);
  for (Tree tree = kFirstLayerTree; tree < kFirstLayerTree + action.trees; ++tree)
    overlay.lower.push_back(take(tree));
  context_.trees[kRootTree] = sys::mount_overlay(overlay);
  for (auto each = overlay.lower.rbegin(); each != overlay.lower.rend(); ++each)
    sys::detach(each->get());
  sys::detach(overlay.writable.get());
}

}  // namespace mydocker
