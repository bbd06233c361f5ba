#include "sys/sealed_self.hpp"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <array>
#include <string_view>
#include <vector>

#include "sys/check.hpp"

namespace mydocker::sys {
namespace {

constexpr const char* kName = "mydocker-sealed";
constexpr const char* kSelf = "/proc/self/exe";

UniqueFd executable_memory() {
  constexpr unsigned kExecutable = 0x10;  // MFD_EXEC, from Linux 6.3 on
  constexpr unsigned kFlags = MFD_CLOEXEC | MFD_ALLOW_SEALING;
  const int fd = ::memfd_create(kName, kFlags | kExecutable);
  if (fd >= 0 || errno != EINVAL) return check_fd(fd, "memfd_create");
  return check_fd(::memfd_create(kName, kFlags), "memfd_create");
}

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
  const UniqueFd memory = executable_memory();
  copy_self(memory.get());
  check(
      ::fcntl(memory.get(), F_ADD_SEALS, F_SEAL_SEAL | F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE),
      "fcntl(F_ADD_SEALS)");
  std::vector<char*> argv{const_cast<char*>("MyDocker")};
  for (const char* const word : words) argv.push_back(const_cast<char*>(word));
  argv.push_back(nullptr);
  ::syscall(SYS_execveat, memory.get(), "", argv.data(), environ, AT_EMPTY_PATH);
  fail(errno, "execveat");
}

}  // namespace mydocker::sys
