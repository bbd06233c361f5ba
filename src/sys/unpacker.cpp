#include "sys/unpacker.hpp"

#include <fcntl.h>
#include <poll.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <array>
#include <csignal>

#include "sys/carried.hpp"
#include "sys/check.hpp"
#include "sys/files.hpp"

namespace mydocker::sys {
namespace {

constexpr const char* kName = "mydocker-unpack";
constexpr int kFolder = 3, kProgram = 4;  // of its descriptors; see src/unpack/main.cpp

// None of the standard ones, nor of those below: else one would be lost where they are put in place.
UniqueFd high(int fd) {
  constexpr int kFirst = 10;
  return check_fd(::fcntl(fd, F_DUPFD_CLOEXEC, kFirst), "fcntl");
}

[[noreturn]] void become(int program, int input, int output, int said, int folder,
                         char* const* argv) {
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  ::dup2(input, STDIN_FILENO);
  ::dup2(output, STDOUT_FILENO);
  ::dup2(said, STDERR_FILENO);
  ::close(kFolder);
  if (folder >= 0) ::dup2(folder, kFolder);
  ::dup3(program, kProgram, O_CLOEXEC);
  char* const none[] = {nullptr};
  ::syscall(SYS_execveat, kProgram, "", argv, none, AT_EMPTY_PATH);
  ::_exit(kNotRun);
}

}  // namespace

Unpacker::Unpacker(std::vector<std::string> words, int input, int folder, int output) {
  if (unpacker().empty()) fail(ENOSYS, "execveat");
  const UniqueFd program = high(carried_in_memory(unpacker(), kName).get());
  std::array<int, 2> ends{};
  check(::pipe2(ends.data(), O_CLOEXEC), "pipe2");
  output_.reset(ends[0]);
  const UniqueFd to(ends[1]);
  input_ = high(input);  // it shares its position with the other process's
  const UniqueFd to_high = high(to.get());
  const UniqueFd output_high = high(output >= 0 ? output : to.get());
  const UniqueFd folder_high = folder >= 0 ? high(folder) : UniqueFd();
  words.insert(words.begin(), kName);
  std::vector<char*> argv;
  for (auto& word : words) argv.push_back(word.data());
  argv.push_back(nullptr);
  child_ = clone_into(0, -1);
  if (child_.pid == 0)
    become(program.get(), input_.get(), output_high.get(), to_high.get(), folder_high.get(),
           argv.data());
}

Unpacker::~Unpacker() {
  if (!child_.pidfd) return;
  send_signal(child_.pidfd.get(), SIGKILL);
  (void)wait_for(child_.pidfd.get());
}

bool Unpacker::is_ready_within(int milliseconds) const {
  pollfd said{output_.get(), POLLIN, 0};
  return ::poll(&said, 1, milliseconds) > 0;
}

std::uint64_t Unpacker::has_read() const {
  const off_t position = ::lseek(input_.get(), 0, SEEK_CUR);
  return position < 0 ? 0 : static_cast<std::uint64_t>(position);
}

Unpacker::Result Unpacker::wait() {
  constexpr std::size_t kMost = 64U << 20;
  Result out;
  out.output = read_all(output_.get(), kMost);
  output_.reset();
  out.status = status_of(wait_for(child_.pidfd.get()));
  child_.pidfd.reset();
  return out;
}

}  // namespace mydocker::sys
