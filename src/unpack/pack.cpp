#include "unpack/pack.hpp"

#include <archive.h>
#include <archive_entry.h>
#include <dirent.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <nettle/sha2.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/xattr.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <climits>
#include <map>
#include <memory>
#include <vector>

#include "mydocker/unique_fd.hpp"
#include "sys/check.hpp"
#include "unpack/streams.hpp"

namespace mydocker::unpack {
namespace {

struct FreeWriter {
  void operator()(archive* a) const { archive_write_free(a); }
};
struct FreeEntry {
  void operator()(archive_entry* entry) const { archive_entry_free(entry); }
};
struct CloseFolder {
  void operator()(DIR* folder) const { ::closedir(folder); }
};
using Entry = std::unique_ptr<archive_entry, FreeEntry>;

// Where the archive goes, and its hash.
struct Output {
  int fd;
  sha256_ctx hash{};
};

la_ssize_t write_callback(archive* a, void* data, const void* bytes, std::size_t size) {
  auto& output = *static_cast<Output*>(data);
  const ssize_t count = ::write(output.fd, bytes, size);
  if (count < 0) {
    archive_set_error(a, errno, "write");
    return -1;
  }
  nettle_sha256_update(&output.hash, static_cast<std::size_t>(count),
                       static_cast<const std::uint8_t*>(bytes));
  return count;
}

bool is_deletion(const struct stat& info) { return S_ISCHR(info.st_mode) && info.st_rdev == 0; }

class Packer {
 public:
  Packer(int root, archive* to, const Packing& packing) : root_(root), to_(to), packing_(packing) {
    struct stat info {};
    sys::check(::fstat(root, &info), "fstat");
    device_ = info.st_dev;
  }

  // A container may have made folders as deep as it likes: a list, and no recursion.
  void add_all() {
    std::vector<std::string> folders{""};
    while (!folders.empty()) {
      const std::string path = std::move(folders.back());
      folders.pop_back();
      const UniqueFd folder = open(path, O_RDONLY | O_DIRECTORY);
      if (!folder) continue;  // it has gone meanwhile
      add_folder(path, folder.get(), folders);
    }
  }

 private:
  // Whoever lives in the folder may put a link in the place of another: it is not followed.
  [[nodiscard]] UniqueFd open(const std::string& path, int flags) const {
    open_how how{};
    how.flags = static_cast<unsigned>(flags | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
    how.resolve = RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS;
    UniqueFd out(static_cast<int>(
        ::syscall(SYS_openat2, root_, path.empty() ? "." : path.c_str(), &how, sizeof how)));
    if (!out && errno != ENOENT && errno != ELOOP && errno != ENOTDIR) sys::fail(errno, "openat2");
    return out;
  }

  void add_folder(const std::string& path, int fd, std::vector<std::string>& folders) {
    struct stat info {};
    sys::check(::fstat(fd, &info), "fstat");
    add_header(path.empty() ? "./" : path + "/", info, fd, {});
    if (info.st_dev != device_) return;  // another file system is mounted there
    const std::string in = path.empty() ? "" : path + "/";
    char opaque = 0;
    if (packing_.is_layer && ::fgetxattr(fd, "user.overlay.opaque", &opaque, 1) == 1 &&
        opaque == 'y')
      add_empty(in + ".wh..wh..opq");
    for (const auto& name : names_in(fd)) {
      if (::fstatat(fd, name.c_str(), &info, AT_SYMLINK_NOFOLLOW) < 0) continue;
      if (S_ISDIR(info.st_mode))
        folders.push_back(in + name);
      else
        add_file(in, name, fd, info);
    }
  }

  // Sorted: the same files give the same archive.
  static std::vector<std::string> names_in(int fd) {
    UniqueFd again = sys::check_fd(::openat(fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC), "openat");
    const std::unique_ptr<DIR, CloseFolder> stream(::fdopendir(again.get()));
    if (!stream) sys::fail(errno, "fdopendir");
    (void)again.release();
    std::vector<std::string> out;
    while (const dirent* const entry = ::readdir(stream.get())) {
      const std::string name = entry->d_name;
      if (name != "." && name != "..") out.push_back(name);
    }
    std::sort(out.begin(), out.end());
    return out;
  }

  void add_file(const std::string& in, const std::string& name, int folder,
                const struct stat& info) {
    const std::string path = in + name;
    if (is_deletion(info)) {
      if (packing_.is_layer) add_empty(in + ".wh." + name);
    } else if (S_ISLNK(info.st_mode)) {
      char target[PATH_MAX];
      const auto size = ::readlinkat(folder, name.c_str(), target, sizeof target);
      if (size > 0) add_header(path, info, -1, std::string(target, static_cast<std::size_t>(size)));
    } else if (S_ISFIFO(info.st_mode)) {
      add_header(path, info, -1, {});
    } else if (S_ISREG(info.st_mode)) {
      add_regular(path);
    }  // devices and sockets mean nothing elsewhere
  }

  void add_regular(const std::string& path) {
    const UniqueFd file = open(path, O_RDONLY);
    struct stat info {};
    if (!file || ::fstat(file.get(), &info) < 0 || !S_ISREG(info.st_mode)) return;
    if (info.st_nlink > 1) {
      const auto [first, is_first] = links_.try_emplace({info.st_dev, info.st_ino}, path);
      if (!is_first) {
        const Entry entry = entry_for(path, info);
        archive_entry_set_hardlink(entry.get(), first->second.c_str());
        archive_entry_set_size(entry.get(), 0);
        write(entry.get());
        return;
      }
    }
    // Of a file of holes nobody waits until the disk is full.
    total_ += static_cast<std::uint64_t>(info.st_size);
    constexpr std::uint64_t kLargest = 8ULL << 30;  // what the layout's own header can say
    if (packing_.is_layer && total_ >= kLargest) throw Refusal("a layer of 8 GiB or more");
    add_header(path, info, file.get(), {});
    // As much as the header says, whatever becomes of the file meanwhile.
    off_t left = info.st_size;
    while (left > 0) {
      const auto count =
          sys::check(::read(file.get(), buffer_.data(),
                            std::min(buffer_.size(), static_cast<std::size_t>(left))),
                     "read");
      if (count == 0) break;
      if (archive_write_data(to_, buffer_.data(), static_cast<std::size_t>(count)) < 0) refuse();
      left -= count;
    }
  }

  [[nodiscard]] Entry entry_for(const std::string& path, const struct stat& info) const {
    Entry out(archive_entry_new());
    archive_entry* const entry = out.get();
    archive_entry_copy_stat(entry, &info);
    archive_entry_set_pathname(entry, path.c_str());
    archive_entry_set_uid(entry, info.st_uid >= packing_.uid ? info.st_uid - packing_.uid : 0);
    archive_entry_set_gid(entry, info.st_gid >= packing_.gid ? info.st_gid - packing_.gid : 0);
    archive_entry_unset_atime(entry);
    archive_entry_unset_ctime(entry);
    archive_entry_unset_birthtime(entry);
    return out;
  }

  void add_header(const std::string& path, const struct stat& info, int fd,
                  const std::string& target) {
    const Entry entry = entry_for(path, info);
    if (!target.empty()) archive_entry_set_symlink(entry.get(), target.c_str());
    if (!S_ISREG(info.st_mode)) archive_entry_set_size(entry.get(), 0);
    if (fd >= 0) add_attributes(fd, entry.get());
    write(entry.get());
  }

  static void add_attributes(int fd, archive_entry* entry) {
    constexpr std::size_t kMost = 65536;  // XATTR_LIST_MAX, XATTR_SIZE_MAX
    std::string names(kMost, '\0'), value(kMost, '\0');
    const ssize_t size = ::flistxattr(fd, names.data(), names.size());
    if (size <= 0) return;
    for (ssize_t at = 0; at < size;) {
      const std::string name = names.c_str() + at;
      at += static_cast<ssize_t>(name.size()) + 1;
      const bool is_users = name.starts_with("user.") && !name.starts_with("user.overlay.");
      if (!is_users && name != "security.capability") continue;
      const ssize_t length = ::fgetxattr(fd, name.c_str(), value.data(), value.size());
      if (length >= 0)
        archive_entry_xattr_add_entry(entry, name.c_str(), value.data(),
                                      static_cast<std::size_t>(length));
    }
  }

  void add_empty(const std::string& path) {
    const Entry entry(archive_entry_new());
    archive_entry_set_pathname(entry.get(), path.c_str());
    archive_entry_set_filetype(entry.get(), AE_IFREG);
    archive_entry_set_perm(entry.get(), 0600);
    archive_entry_set_size(entry.get(), 0);
    archive_entry_set_mtime(entry.get(), 0, 0);
    write(entry.get());
  }

  void write(archive_entry* entry) {
    const int result = archive_write_header(to_, entry);
    if (result != ARCHIVE_OK && result != ARCHIVE_WARN) refuse();
  }

  [[noreturn]] void refuse() const {
    const char* const why = archive_error_string(to_);
    throw Refusal(why != nullptr ? why : "the archive cannot be written");
  }

  int root_;
  archive* to_;
  Packing packing_;
  dev_t device_ = 0;
  std::map<std::pair<dev_t, ino_t>, std::string> links_;
  std::uint64_t total_ = 0;
  std::vector<char> buffer_ = std::vector<char>(256U << 10);
};

}  // namespace

std::string pack(int root, int output, const Packing& packing) {
  Output to{output};
  nettle_sha256_init(&to.hash);
  const std::unique_ptr<archive, FreeWriter> writer(archive_write_new());
  archive* const a = writer.get();
  archive_write_set_format_pax_restricted(a);
  archive_write_set_bytes_in_last_block(a, 1);  // no more padding than tar wants
  if (archive_write_open(a, &to, nullptr, write_callback, nullptr) != ARCHIVE_OK)
    throw Refusal("the archive cannot be written");
  Packer(root, a, packing).add_all();
  if (archive_write_close(a) != ARCHIVE_OK) throw Refusal("the archive cannot be written");
  return digits_of(to.hash);
}

}  // namespace mydocker::unpack
