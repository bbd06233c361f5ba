#include "sys/sealed_self.hpp"

#include <fcntl.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <array>
#include <string_view>
#include <vector>

#include "sys/check.hpp"
#include "sys/memory_file.hpp"

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
  std::vector<char*> argv{const_cast<char*>("MyDocker")};
  for (const char* const word : words) argv.push_back(const_cast<char*>(word));
  argv.push_back(nullptr);
  ::syscall(SYS_execveat, memory.get(), "", argv.data(), environ, AT_EMPTY_PATH);
  fail(errno, "execveat");
}

}  // namespace mydocker::sys
