#include "sys/sealed_self.hpp"

#include <fcntl.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <array>
#include <string_view>
#include <vector>

#include "sys/check.hpp"
#include "sys/memory_file.hpp"
#include "sys/mounts.hpp"

namespace mydocker::sys {
namespace {

constexpr const char* kName = "mydocker-sealed";
constexpr const char* kSelf = "/proc/self/exe";

void copy_self(int to) {
  const UniqueFd self = check_fd(::open(kSelf, O_RDONLY | O_CLOEXEC), "open");
  struct stat info {};
  check(::fstat(self.get(), &info), "fstat");
  for (off_t left = info.st_size; left > 0;) {
    const auto copied =
        check(::sendfile(to, self.get(), nullptr, static_cast<std::size_t>(left)), "sendfile");
    if (copied == 0) fail(EIO, "sendfile");
    left -= copied;
  }
}

[[noreturn]] void run_again(int program, std::span<const char* const> words) {
  std::vector<char*> argv{const_cast<char*>("MyDocker")};
  for (const char* const word : words) argv.push_back(const_cast<char*>(word));
  argv.push_back(nullptr);
  ::syscall(SYS_execveat, program, "", argv.data(), environ, AT_EMPTY_PATH);
  fail(errno, "execveat");
}

}  // namespace

bool is_sealed_copy() {
  std::array<char, 64> target{};
  const auto length = ::readlink(kSelf, target.data(), target.size());
  const std::string_view exe(target.data(), length > 0 ? static_cast<std::size_t>(length) : 0);
  return exe.starts_with("/memfd:mydocker-sealed");
}

void become_sealed_copy(std::span<const char* const> words) {
  const UniqueFd memory = executable_memory(kName);
  copy_self(memory.get());
  seal(memory.get());
  run_again(memory.get(), words);
}

bool is_read_only() {
  struct statvfs info {};
  return ::statvfs(kSelf, &info) == 0 && (info.f_flag & ST_RDONLY) != 0;
}

void become_read_only(std::span<const char* const> words) {
  // A mount of this one file that has no place in any tree; it lasts as long as who runs from it.
  const UniqueFd self = copy_tree(AT_FDCWD, kSelf, false);
  add_flags(self.get(), {.read_only = true}, false);
  run_again(self.get(), words);
}

}  // namespace mydocker::sys
