// Rows that are files of /proc, /sys and /dev. Nothing is ever written.
#include <fcntl.h>
#include <linux/stat.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>

#include "verify/attempts.hpp"
#include "verify/kernel.hpp"

namespace mydocker::verify {
namespace {

// Tries each path of the row. What is missing in /proc and /sys the kernel does not have.
template <class Try>
Answer each_path(const Row& row, Try attempt) {
  Text<160> let_through;
  long refused = 0;
  for (std::string_view rest = row.text; !rest.empty();) {
    Path path;
    path.add(take(rest, ' '));
    const long answer = attempt(path.c_str());
    if (answer >= 0) let_through.item(path.view());
    if (answer < 0 && (refused == 0 || refused == -ENOENT)) refused = answer;
  }
  if (!let_through.empty()) return open(let_through.view());
  return refused == -ENOENT ? absent("ENOENT")
                            : blocked(refused == -ENODATA ? "empty" : error_name(refused));
}

long closed(long fd) {
  if (fd >= 0) close_file(fd);
  return fd;
}

// -ENODATA for what is there and has nothing in it.
long read_something(const char* path) {
  const long names = visit_folder(path, nullptr, nullptr);
  if (names >= 0) return names > 0 ? 0 : -ENODATA;
  if (names != -ENOTDIR) return names;
  char byte = 0;
  const long got = read_file(path, &byte, 1);
  return got == 0 ? -ENODATA : got;
}

bool is_kind(const char* path, unsigned kind) {
  struct statx info = {};
  const long answer =
      call(__NR_statx, AT_FDCWD, address(path), AT_SYMLINK_NOFOLLOW, STATX_TYPE, address(&info));
  return answer == 0 && (info.stx_mode & S_IFMT) == kind;
}

}  // namespace

Answer try_writing(const Row& row) {
  return each_path(row,
                   [](const char* path) { return closed(open_file(path, O_WRONLY | O_NONBLOCK)); });
}

Answer try_folder_writing(const Row& row) {
  return each_path(row, [](const char* path) {
    constexpr long kFlags = AT_EACCESS;
    constexpr long kFaccessat2 = 439;
    return call(kFaccessat2, AT_FDCWD, address(path), W_OK, kFlags);
  });
}

Answer try_reading(const Row& row) { return each_path(row, read_something); }

Answer try_symbols(const Row& row) {
  char line[32] = {};
  const long got = read_file(row.text, line, sizeof line);
  if (got == -ENOENT) return absent("ENOENT");
  if (got < 0) return blocked(error_name(got));
  return hexadecimal(line) == 0 ? blocked("every address reads 0")
                                : open("addresses of the kernel");
}

Answer try_nodes(const Row& row) {
  const Answer answer = each_path(row, [](const char* path) {
    const long fd = closed(open_file(path, O_RDONLY | O_NONBLOCK));
    return fd == -EPERM || fd == -EACCES || fd == -ENOENT ? fd : 0;
  });
  return answer.state == Answer::State::absent ? blocked("no such node") : answer;
}

Answer try_mknod(const Row&) {
  constexpr long kFirstLoop = 7 << 8;  // block device 7:0
  long answer = -ENOENT;
  for (int i = 0; const char* const path = scratch_path(i); ++i) {
    answer = call(__NR_mknodat, AT_FDCWD, address(path), S_IFBLK | 0600, kFirstLoop);
    if (answer < 0 && !is_refusal(answer)) continue;
    if (answer < 0) break;
    const long fd = closed(open_file(path, O_RDONLY | O_NONBLOCK));
    call(__NR_unlinkat, AT_FDCWD, address(path), 0);
    if (fd == -EPERM || fd == -EACCES) return blocked("made, and opening it is EACCES or EPERM");
    return open(fd >= 0 ? "made and opened" : error_name(fd));
  }
  return answer == -EROFS || is_refusal(answer) ? blocked(error_name(answer))
                                                : untried(error_name(answer));
}

Answer try_block_nodes(const Row&) {
  Text<160> found;
  const long names = visit_folder(
      "/dev",
      [](void* context, std::string_view name) {
        Path path;
        path.add("/dev/").add(name);
        if (is_kind(path.c_str(), S_IFBLK) &&
            closed(open_file(path.c_str(), O_RDONLY | O_NONBLOCK)) >= 0)
          static_cast<Text<160>*>(context)->item(path.view());
      },
      &found);
  if (names < 0) return blocked(error_name(names));
  return found.empty() ? blocked("none in /dev") : open(found.view());
}

Answer try_terminals(const Row&) {
  Text<160> found;
  const long names = visit_folder(
      "/dev/pts",
      [](void* context, std::string_view name) {
        if (number_of(name) < 0) return;
        Path path;
        path.add("/dev/pts/").add(name);
        struct statx theirs = {}, ours = {};
        call(__NR_statx, AT_FDCWD, address(path.c_str()), 0, STATX_BASIC_STATS, address(&theirs));
        for (int fd = 0; fd < 3; ++fd) {
          call(__NR_statx, fd, address(""), AT_EMPTY_PATH, STATX_BASIC_STATS, address(&ours));
          if (ours.stx_rdev_major == theirs.stx_rdev_major &&
              ours.stx_rdev_minor == theirs.stx_rdev_minor)
            return;
        }
        static_cast<Text<160>*>(context)->item(path.view());
      },
      &found);
  if (names < 0) return blocked(error_name(names));
  return found.empty() ? blocked("none but our own") : open(found.view());
}

}  // namespace mydocker::verify
