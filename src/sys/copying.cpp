#include "sys/copying.hpp"

#include <dirent.h>
#include <fcntl.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <unistd.h>

#include <memory>
#include <string>
#include <string_view>

#include "sys/check.hpp"

namespace mydocker::sys {
namespace {

void copy_attributes(int to, const char* name, const struct stat& info) {
  check(::fchownat(to, name, info.st_uid, info.st_gid, AT_SYMLINK_NOFOLLOW), "fchownat");
  if (!S_ISLNK(info.st_mode)) check(::fchmodat(to, name, info.st_mode & 07777, 0), "fchmodat");
  const timespec times[] = {info.st_atim, info.st_mtim};
  check(::utimensat(to, name, times, AT_SYMLINK_NOFOLLOW), "utimensat");
}

// False for what is no file any more: a FIFO that somebody put in its place would never open.
bool copy_file(int from, int to, const char* name) {
  const UniqueFd source = check_fd(
      ::openat(from, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC), "openat");
  struct stat info {};
  check(::fstat(source.get(), &info), "fstat");
  if (!S_ISREG(info.st_mode)) return false;
  const UniqueFd copy = check_fd(
      ::openat(to, name, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600), "openat");
  constexpr std::size_t kChunk = 1U << 20;
  while (check(::sendfile(copy.get(), source.get(), nullptr, kChunk), "sendfile") > 0) {
  }
  return true;
}

void copy_link(int from, int to, const char* name) {
  std::string target(4096, '\0');
  const auto length = check(::readlinkat(from, name, target.data(), target.size()), "readlinkat");
  target.resize(static_cast<std::size_t>(length));
  check(::symlinkat(target.c_str(), to, name), "symlinkat");
}

void copy_entry(int from, int to, const char* name, dev_t device) {
  struct stat info {};
  check(::fstatat(from, name, &info, AT_SYMLINK_NOFOLLOW), "fstatat");
  if (S_ISDIR(info.st_mode)) {
    check(::mkdirat(to, name, 0700), "mkdirat");
    const UniqueFd below =
        check_fd(::openat(to, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC), "openat");
    const UniqueFd source =
        check_fd(::openat(from, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC), "openat");
    if (info.st_dev == device) copy_folder(source.get(), below.get());
  } else if (S_ISREG(info.st_mode)) {
    if (!copy_file(from, to, name)) return;
  } else if (S_ISLNK(info.st_mode)) {
    copy_link(from, to, name);
  } else {
    return;
  }
  copy_attributes(to, name, info);
}

}  // namespace

void copy_folder(int from, int to) {
  struct stat info {};
  check(::fstat(from, &info), "fstat");
  UniqueFd folder = check_fd(::openat(from, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC), "openat");
  const std::unique_ptr<DIR, int (*)(DIR*)> stream(::fdopendir(folder.get()), ::closedir);
  if (!stream) fail(errno, "fdopendir");
  const int at = folder.release();  // the stream's own now
  while (const dirent* entry = ::readdir(stream.get())) {
    const std::string_view name = entry->d_name;
    if (name != "." && name != "..") copy_entry(at, to, entry->d_name, info.st_dev);
  }
}

}  // namespace mydocker::sys
