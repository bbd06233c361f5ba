#include "unpack/layer.hpp"

#include <fcntl.h>
#include <linux/openat2.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <sys/xattr.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <climits>

#include "helpers/text.hpp"
#include "mydocker/error.hpp"
#include "sys/check.hpp"

namespace mydocker::unpack {
namespace {

// How a layer says that a file below is gone: see the image specification of OCI, layer.md.
constexpr std::string_view kWhiteout = ".wh.", kOpaque = ".wh..wh..opq", kOther = ".wh..wh.";

// An empty xattr value is none of overlayfs's: it wants "y".
constexpr const char* kOpaqueAttribute = "user.overlay.opaque";

bool is_whiteout(const struct stat& info) { return S_ISCHR(info.st_mode) && info.st_rdev == 0; }

// Inside the root, wherever links lead; Landlock and chroot say the same once more.
UniqueFd open_inside(int root, const std::string& path) {
  open_how how{};
  how.flags = O_RDONLY | O_DIRECTORY | O_CLOEXEC;
  how.resolve = RESOLVE_IN_ROOT | RESOLVE_NO_MAGICLINKS;
  return UniqueFd(static_cast<int>(
      ::syscall(SYS_openat2, root, path.empty() ? "." : path.c_str(), &how, sizeof how)));
}

mode_t mode_of(archive_entry* entry) { return archive_entry_perm(entry) & 07777; }

timespec time_of(archive_entry* entry) {
  if (archive_entry_mtime_is_set(entry) == 0) return {0, 0};
  return {archive_entry_mtime(entry), archive_entry_mtime_nsec(entry)};
}

}  // namespace

std::string plain_name(std::string_view path) {
  std::string out;
  for (const auto part : text::split(path, '/')) {
    if (part.empty() || part == ".") continue;
    if (part == "..") throw Refusal("it leaves the root by '..'");
    if (!out.empty()) out += '/';
    out += part;
  }
  return out;
}

void Layer::count(archive_entry* entry) {
  if (++inodes_ > limits_.inodes)
    throw Refusal("more than " + std::to_string(limits_.inodes) + " files");
  const auto size = archive_entry_size(entry);
  if (size < 0) throw Refusal("a size below 0");
  const bool is_too_large = static_cast<std::uint64_t>(size) > limits_.bytes - bytes_;
  if (is_too_large)
    throw Refusal("its files have more than " + std::to_string(limits_.bytes) + " bytes");
  bytes_ += static_cast<std::uint64_t>(size);
  // The largest number means "no change" to the kernel.
  for (const auto id : {archive_entry_uid(entry), archive_entry_gid(entry)}) {
    if (id < 0 || id >= UINT32_MAX) throw Refusal("an owner that cannot be");
  }
}

void Layer::add(archive* a, archive_entry* entry) {
  const char* const path = archive_entry_pathname(entry);
  if (path == nullptr) throw Refusal("an entry without a name");
  try {
    count(entry);
    make(a, entry, plain_name(path));
  } catch (const Refusal& refusal) {
    throw Refusal(text::quoted(path) + ": " + refusal.what());
  } catch (const std::system_error& error) {
    const std::string what = error.what();
    throw Refusal(text::quoted(path) + ": " + what.substr(0, what.find(':')) + ": " +
                  errno_text(error.code().value()));
  }
}

void Layer::make(archive* a, archive_entry* entry, const std::string& path) {
  const mode_t type = archive_entry_filetype(entry);
  const bool is_link = archive_entry_hardlink(entry) != nullptr;
  if (path.empty()) {
    if (type != AE_IFDIR || is_link) throw Refusal("the root has to be a folder");
    folder(entry, path);
    return;
  }
  enter(path);
  if (whiteout(name_)) return;
  if (is_link) {
    hard_link(entry);
    return;
  }
  switch (type) {
    case AE_IFDIR:
      folder(entry, path);
      break;
    case AE_IFREG:
      file(a, entry);
      break;
    case AE_IFLNK: {
      (void)remove_what_is_there();
      const char* const target = archive_entry_symlink(entry);
      sys::check(::symlinkat(target != nullptr ? target : "", parent_.get(), name_.c_str()),
                 "symlinkat");
      set_owner(entry);
      break;
    }
    case AE_IFIFO:
      (void)remove_what_is_there();
      sys::check(::mknodat(parent_.get(), name_.c_str(), S_IFIFO | 0600, 0), "mknodat");
      set_owner(entry);
      sys::check(::fchmodat(parent_.get(), name_.c_str(), mode_of(entry), 0), "fchmodat");
      break;
    default:
      // Device nodes: dead in a container, and one of number 0:0 would be a deletion.
      ++left_out_.devices;
  }
}

// One that is there gets the new mode; one that takes a deletion's place hides what is below it.
void Layer::folder(archive_entry* entry, const std::string& path) {
  if (!path.empty() && ::mkdirat(parent_.get(), name_.c_str(), 0700) < 0) {
    if (errno != EEXIST) sys::fail(errno, "mkdirat");
    struct stat info {};
    sys::check(::fstatat(parent_.get(), name_.c_str(), &info, AT_SYMLINK_NOFOLLOW), "fstatat");
    if (!S_ISDIR(info.st_mode)) {
      const bool replaces_deletion = remove_what_is_there();
      sys::check(::mkdirat(parent_.get(), name_.c_str(), 0700), "mkdirat");
      const UniqueFd made = folder_at(path);
      if (replaces_deletion) make_opaque(made.get());
    }
  }
  if (!path.empty()) set_owner(entry);
  if (path.empty() && sets_owners_)
    sys::check(::fchown(root_, static_cast<uid_t>(archive_entry_uid(entry)),
                        static_cast<gid_t>(archive_entry_gid(entry))),
               "fchown");
  if (archive_entry_xattr_count(entry) > 0) {
    const UniqueFd made = folder_at(path);
    set_attributes(made.get(), entry);
  }
  folders_[path] = {mode_of(entry), time_of(entry)};
}

void Layer::file(archive* a, archive_entry* entry) {
  constexpr int kNew = O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC;
  const mode_t mode = mode_of(entry);
  // Without set-ID bits until the owner is the right one.
  UniqueFd made(::openat(parent_.get(), name_.c_str(), kNew, mode & 0777));
  if (!made) {
    if (errno != EEXIST) sys::fail(errno, "openat");
    (void)remove_what_is_there();
    made = sys::check_fd(::openat(parent_.get(), name_.c_str(), kNew, mode & 0777), "openat");
  }
  const void* block = nullptr;
  std::size_t size = 0;
  la_int64_t offset = 0, end = 0;
  int result = ARCHIVE_OK;
  while ((result = archive_read_data_block(a, &block, &size, &offset)) == ARCHIVE_OK) {
    const char* bytes = static_cast<const char*>(block);
    while (size > 0) {
      const auto count =
          static_cast<std::size_t>(sys::check(::pwrite(made.get(), bytes, size, offset), "pwrite"));
      bytes += count;
      size -= count;
      offset += static_cast<la_int64_t>(count);
    }
    end = std::max(end, offset);
  }
  if (result != ARCHIVE_EOF) throw Refusal(archive_error_string(a));
  // A hole at the end is in no block.
  if (const auto whole = archive_entry_size(entry); whole > end)
    sys::check(::ftruncate(made.get(), whole), "ftruncate");
  const auto uid = archive_entry_uid(entry), gid = archive_entry_gid(entry);
  if (sets_owners_ && (uid != 0 || gid != 0)) {
    sys::check(::fchown(made.get(), static_cast<uid_t>(uid), static_cast<gid_t>(gid)), "fchown");
  }
  if ((mode & 07000) != 0) sys::check(::fchmod(made.get(), mode), "fchmod");
  set_attributes(made.get(), entry);
  const timespec times[] = {time_of(entry), time_of(entry)};
  sys::check(::futimens(made.get(), times), "futimens");
}

// To a file of this layer: what it names in a layer below is not here to be linked.
void Layer::hard_link(archive_entry* entry) {
  const std::string target = plain_name(archive_entry_hardlink(entry));
  const auto slash = target.rfind('/');
  const UniqueFd folder =
      open_inside(root_, slash == std::string::npos ? "" : target.substr(0, slash));
  if (!folder) sys::fail(errno, "openat2");
  const std::string last = target.substr(slash == std::string::npos ? 0 : slash + 1);
  struct stat info {
  }, here{};
  sys::check(::fstatat(folder.get(), last.c_str(), &info, AT_SYMLINK_NOFOLLOW), "fstatat");
  if (is_whiteout(info)) throw Refusal("a link to a file that is deleted");
  const bool is_there = ::fstatat(parent_.get(), name_.c_str(), &here, AT_SYMLINK_NOFOLLOW) == 0;
  if (is_there && here.st_ino == info.st_ino) return;  // to itself
  if (is_there) (void)remove_what_is_there();
  sys::check(::linkat(folder.get(), last.c_str(), parent_.get(), name_.c_str(), 0), "linkat");
}

void Layer::set_owner(archive_entry* entry) const {
  const auto uid = archive_entry_uid(entry), gid = archive_entry_gid(entry);
  if (sets_owners_ && (uid != 0 || gid != 0)) {
    sys::check(::fchownat(parent_.get(), name_.c_str(), static_cast<uid_t>(uid),
                          static_cast<gid_t>(gid), AT_SYMLINK_NOFOLLOW),
               "fchownat");
  }
  if (archive_entry_filetype(entry) == AE_IFDIR) return;  // later
  const timespec times[] = {time_of(entry), time_of(entry)};
  sys::check(::utimensat(parent_.get(), name_.c_str(), times, AT_SYMLINK_NOFOLLOW), "utimensat");
}

// File capabilities and a user's own. Not what overlayfs keeps in such a place, nor what speaks to
// the host's kernel: trusted.*, the labels of its security modules.
void Layer::set_attributes(int fd, archive_entry* entry) {
  archive_entry_xattr_reset(entry);
  const char* name = nullptr;
  const void* value = nullptr;
  std::size_t size = 0;
  while (archive_entry_xattr_next(entry, &name, &value, &size) == ARCHIVE_OK) {
    const std::string_view attribute = name;
    const bool is_users = attribute.starts_with("user.") && !attribute.starts_with("user.overlay.");
    const bool is_capability = attribute == "security.capability" && sets_owners_;
    if (!is_users && !is_capability) {
      ++left_out_.attributes;
    } else if (::fsetxattr(fd, name, value, size, 0) < 0) {
      if (errno != EOPNOTSUPP && errno != ENOSPC && errno != E2BIG) sys::fail(errno, "fsetxattr");
      ++left_out_.attributes;
    }
  }
}

// A deletion is a character device 0:0 to overlayfs, which anybody may make. What this layer itself
// brings stays, in whichever order they come.
bool Layer::whiteout(std::string_view name) {
  if (!name.starts_with(kWhiteout)) return false;
  if (name == kOpaque) {
    make_opaque(parent_.get());
    return true;
  }
  if (name.starts_with(kOther)) return true;  // of aufs's own
  const std::string deleted(name.substr(kWhiteout.size()));
  if (deleted.empty() || deleted == "." || deleted == "..")
    throw Refusal("it deletes no file that could be");
  if (::mknodat(parent_.get(), deleted.c_str(), S_IFCHR, makedev(0, 0)) == 0) return true;
  if (errno != EEXIST) sys::fail(errno, "mknodat");
  struct stat info {};
  sys::check(::fstatat(parent_.get(), deleted.c_str(), &info, AT_SYMLINK_NOFOLLOW), "fstatat");
  if (S_ISDIR(info.st_mode)) {
    const UniqueFd there = sys::check_fd(
        ::openat(parent_.get(), deleted.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC),
        "openat");
    make_opaque(there.get());
  }
  return true;
}

void Layer::make_opaque(int fd) const {
  sys::check(::fsetxattr(fd, kOpaqueAttribute, "y", 1, 0), "fsetxattr");
}

// Gives whether it was a deletion. A folder goes if it is empty.
bool Layer::remove_what_is_there() {
  struct stat info {};
  if (::fstatat(parent_.get(), name_.c_str(), &info, AT_SYMLINK_NOFOLLOW) < 0) {
    if (errno == ENOENT) return false;
    sys::fail(errno, "fstatat");
  }
  const int how = S_ISDIR(info.st_mode) ? AT_REMOVEDIR : 0;
  sys::check(::unlinkat(parent_.get(), name_.c_str(), how), "unlinkat");
  if (how != 0) parent_path_ = "\n";
  return is_whiteout(info);
}

void Layer::enter(const std::string& path) {
  const auto slash = path.rfind('/');
  const std::string above = slash == std::string::npos ? "" : path.substr(0, slash);
  name_ = path.substr(slash == std::string::npos ? 0 : slash + 1);
  if (above == parent_path_) return;
  parent_ = folder_at(above);
  parent_path_ = above;
}

UniqueFd Layer::folder_at(const std::string& path) {
  UniqueFd found = open_inside(root_, path);
  if (found || errno != ENOENT || path.empty()) {
    if (!found) sys::fail(errno, "openat2");
    return found;
  }
  const auto slash = path.rfind('/');
  const UniqueFd above = folder_at(slash == std::string::npos ? "" : path.substr(0, slash));
  const std::string name = path.substr(slash == std::string::npos ? 0 : slash + 1);
  if (++inodes_ > limits_.inodes)
    throw Refusal("more than " + std::to_string(limits_.inodes) + " files");
  sys::check(::mkdirat(above.get(), name.c_str(), 0755), "mkdirat");
  found = open_inside(root_, path);
  if (!found) sys::fail(errno, "openat2");
  return found;
}

void Layer::finish() {
  parent_.reset();
  // From below upwards: a mode may shut what is below it.
  for (auto each = folders_.rbegin(); each != folders_.rend(); ++each) {
    const auto& [path, folder] = *each;
    // A later entry may have put a link in its place: that leads nowhere but into the root.
    const UniqueFd made = open_inside(root_, path);
    if (!made) continue;
    sys::check(::fchmod(made.get(), folder.mode), "fchmod");
    const timespec times[] = {folder.time, folder.time};
    sys::check(::futimens(made.get(), times), "futimens");
  }
}

}  // namespace mydocker::unpack
