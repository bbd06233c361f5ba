#include "sys/files.hpp"

#include <dirent.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <memory>

#include "sys/check.hpp"

namespace mydocker::sys {
namespace {

constexpr std::size_t kLargest = 16U << 20;

}  // namespace

UniqueFd open_without_links(const char* path, int flags) {
  open_how how{};
  how.flags = static_cast<unsigned>(flags | O_CLOEXEC);
  how.resolve = RESOLVE_NO_SYMLINKS;
  return check_fd(::syscall(SYS_openat2, AT_FDCWD, path, &how, sizeof how), "openat2");
}

std::string read_all(int fd, std::size_t limit) {
  std::string out;
  std::array<char, 4096> buffer;
  while (out.size() < limit) {
    const auto got = ::read(fd, buffer.data(), std::min(buffer.size(), limit - out.size()));
    if (got < 0 && errno == EINTR) continue;
    if (check(got, "read") == 0) break;
    out.append(buffer.data(), static_cast<std::size_t>(got));
  }
  return out;
}

// What is cut off would be taken for what was meant.
std::string read_whole(int fd) {
  std::string out = read_all(fd, kLargest + 1);
  if (out.size() > kLargest) fail(EFBIG, "read");
  return out;
}

std::string read_file(const std::string& path) {
  const UniqueFd fd = check_fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC), "open");
  return read_whole(fd.get());
}

std::optional<std::string> try_read_file(const std::string& path) {
  const UniqueFd fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (!fd) return std::nullopt;
  try {
    return read_whole(fd.get());
  } catch (const std::system_error&) {
    return std::nullopt;
  }
}

// That there is none is usual, and no exception: a program's first one takes a millisecond.
std::optional<std::string> read_file_if_there(const std::string& path) {
  const UniqueFd fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (!fd && errno == ENOENT) return std::nullopt;
  if (!fd) fail(errno, "open");
  return read_whole(fd.get());
}

void write_file(const std::string& path, std::string_view text) {
  const UniqueFd fd = check_fd(::open(path.c_str(), O_WRONLY | O_CLOEXEC), "open");
  check(::write(fd.get(), text.data(), text.size()), "write");
}

int try_write_file(const std::string& path, std::string_view text) {
  const UniqueFd fd(::open(path.c_str(), O_WRONLY | O_CLOEXEC));
  return fd && ::write(fd.get(), text.data(), text.size()) >= 0 ? 0 : errno;
}

void write_all(int fd, std::string_view text) {
  while (!text.empty()) {
    const auto put = ::write(fd, text.data(), text.size());
    if (put < 0 && errno == EINTR) continue;
    text.remove_prefix(static_cast<std::size_t>(check(put, "write")));
  }
}

void open_standard_descriptors() {
  for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; ++fd) {
    // The lowest free number is given, and the lower ones are open by now.
    if (::fcntl(fd, F_GETFD) < 0) (void)!::open("/dev/null", O_RDWR);
  }
}

bool exists(const std::string& path) { return ::access(path.c_str(), F_OK) == 0; }

std::vector<std::string> names_in(const std::string& folder) {
  std::vector<std::string> out;
  const std::unique_ptr<DIR, int (*)(DIR*)> stream(::opendir(folder.c_str()), ::closedir);
  if (!stream) return out;
  while (const dirent* entry = ::readdir(stream.get())) {
    const std::string_view name = entry->d_name;
    if (name != "." && name != "..") out.emplace_back(name);
  }
  return out;
}

}  // namespace mydocker::sys
