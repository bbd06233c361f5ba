#include <fcntl.h>

#include <cerrno>

#include "verify/attempts.hpp"
#include "verify/kernel.hpp"

namespace mydocker::verify {
namespace {

constexpr const char* kScratch[] = {"/dev/shm/.mydocker-verify", "/tmp/.mydocker-verify",
                                    "/run/.mydocker-verify", "/.mydocker-verify"};

// As getdents64(2) writes it.
struct Entry {
  std::uint64_t inode;
  std::int64_t offset;
  unsigned short size;
  unsigned char type;
  char name[1];
};

}  // namespace

Known& known() {
  static Known out;
  return out;
}

bool is_refusal(long answer) { return answer == -EPERM || answer == -EACCES || is_lacking(answer); }

bool is_lacking(long answer) {
  return answer == -ENOSYS || answer == -EAFNOSUPPORT || answer == -EPROTONOSUPPORT ||
         answer == -ESOCKTNOSUPPORT;
}

std::string_view own_status(std::string_view name) {
  static char status[8192];
  const long size = read_file("/proc/self/status", status, sizeof status);
  std::string_view rest(status, size > 0 ? static_cast<std::size_t>(size) : 0);
  while (!rest.empty()) {
    std::string_view line = take(rest, '\n');
    if (take(line, ':') != name) continue;
    while (!line.empty() && (line.front() == '\t' || line.front() == ' ')) line.remove_prefix(1);
    while (!line.empty() && (line.back() == '\t' || line.back() == ' ')) line.remove_suffix(1);
    return line;
  }
  return {};
}

bool has_filter() { return number_of(own_status("Seccomp")) > 0; }

long visit_folder(const char* path, Visit visit, void* context) {
  const long folder = open_file(path, O_RDONLY | O_DIRECTORY);
  if (folder < 0) return folder;
  long found = 0;
  alignas(Entry) char buffer[4096];
  for (;;) {
    const long got = call(__NR_getdents64, folder, address(buffer), sizeof buffer);
    if (got <= 0) {
      close_file(folder);
      return got < 0 ? got : found;
    }
    for (long at = 0; at < got;) {
      const auto* const entry = reinterpret_cast<const Entry*>(buffer + at);
      const std::string_view name(entry->name);
      at += entry->size;
      if (name == "." || name == "..") continue;
      ++found;
      if (visit != nullptr) visit(context, name);
    }
  }
}

const char* scratch_path(int number) {
  constexpr int kCount = sizeof kScratch / sizeof kScratch[0];
  return number < kCount ? kScratch[number] : nullptr;
}

long scratch_file(unsigned mode) {
  long fd = -ENOENT;
  for (int i = 0; const char* const path = scratch_path(i); ++i) {
    fd = open_file(path, O_CREAT | O_EXCL | O_RDWR | O_NOFOLLOW, mode);
    if (fd >= 0) call(__NR_unlinkat, AT_FDCWD, address(path), 0);
    if (fd >= 0 || fd == -EPERM) break;
  }
  return fd;
}

}  // namespace mydocker::verify
