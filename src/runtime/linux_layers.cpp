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

// Made or there already; a link would lead to another's files. By its descriptor from here on: who may
// write to the folder above could put a link in its place at any moment.
UniqueFd make_folder(int at, const std::string& name, bool may_exist) {
  if (::mkdirat(at, name.c_str(), 0700) < 0 && (errno != EEXIST || !may_exist))
    sys::fail(errno, "mkdir");
  return sys::check_fd(::openat(at, name.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC),
                       "open");
}

// What a user of the host may write to, he may change while the container runs.
void require_own(int folder, uid_t container) {
  struct stat info {};
  sys::check(::fstat(folder, &info), "fstat");
  const bool is_own = info.st_uid == ::geteuid() || info.st_uid == container;
  if (!is_own || (info.st_mode & 022) != 0) sys::fail(EPERM, "fstat");
}

// What was written over other layers makes no sense over these.
void set_base(int folder, const std::string& base) {
  const UniqueFd file(
      ::openat(folder, "base", O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600));
  if (file) return sys::write_all(file.get(), base);
  if (errno != EEXIST) sys::fail(errno, "open");
  // A FIFO would be waited for.
  const UniqueFd there = sys::check_fd(
      ::openat(folder, "base", O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC), "open");
  if (sys::read_all(there.get(), base.size() + 1) != base) sys::fail(ESTALE, "open");
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
  UniqueFd folder = make_folder(AT_FDCWD, action.folder, action.may_exist);
  if (action.may_exist) {
    require_own(folder.get(), action.uid);
    // Two overlays that write to one folder spoil each other.
    sys::check(::flock(folder.get(), LOCK_EX | LOCK_NB), "flock");
  }
  const UniqueFd upper = make_folder(folder.get(), "upper", action.may_exist);
  const UniqueFd work = make_folder(folder.get(), "work", action.may_exist);
  set_base(folder.get(), action.base);
  // What is on top lends its mode to the root.
  sys::check(::fchmod(upper.get(), 0755), "chmod");
  if (action.uid != 0 || action.gid != 0) {
    for (const int each : {folder.get(), upper.get(), work.get()})
      sys::check(::fchown(each, action.uid, action.gid), "chown");
  }
  if (action.may_exist) context_.held.push_back(std::move(folder));
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
