#include "runtime/hooks.hpp"

#include <fcntl.h>
#include <poll.h>
#include <sys/mman.h>
#include <unistd.h>

#include <climits>
#include <csignal>

#include "helpers/text.hpp"
#include "mydocker/action.hpp"
#include "mydocker/error.hpp"
#include "runtime/context.hpp"
#include "sys/check.hpp"
#include "sys/files.hpp"
#include "sys/processes.hpp"

namespace mydocker {
namespace {

UniqueFd memory_file(const char* name) {
  return sys::check_fd(::memfd_create(name, MFD_CLOEXEC), "memfd_create");
}

// A memory file, not a pipe: a hook that does not read it blocks and breaks nobody.
UniqueFd input_with(const std::string& state) {
  UniqueFd file = memory_file("state");
  sys::write_all(file.get(), state);
  sys::check(::lseek(file.get(), 0, SEEK_SET), "lseek");
  return file;
}

[[noreturn]] void execute(const Hook& hook, int input, int output, const std::string& folder) {
  sigset_t none;
  ::sigemptyset(&none);
  ::sigprocmask(SIG_SETMASK, &none, nullptr);
  Exec words{hook.argv, hook.environment};
  if (words.argv.empty()) words.argv.push_back(hook.path);
  const ExecImage image(words);
  if (::dup2(input, STDIN_FILENO) < 0 || ::dup2(output, STDOUT_FILENO) < 0 ||
      ::dup2(output, STDERR_FILENO) < 0 || ::chdir(folder.c_str()) < 0)
    ::_exit(exit_status::kFailure);
  ::execve(hook.path.c_str(), image.argv(), image.environment());
  const std::string why = errno_text(errno) + "\n";
  (void)!::write(STDERR_FILENO, why.data(), why.size());
  ::_exit(exit_status::kNotExecutable);
}

// Whether the hook has ended in time.
bool ends_within(int pidfd, const std::optional<std::chrono::seconds>& limit) {
  const auto wanted = limit ? limit->count() * 1000 : -1;
  const int milliseconds = static_cast<int>(std::min<std::int64_t>(wanted, INT_MAX));
  const std::uint64_t end =
      sys::monotonic_time() + static_cast<std::uint64_t>(wanted > 0 ? wanted : 0) * 1000000;
  pollfd watched{pidfd, POLLIN, 0};
  for (;;) {
    if (::poll(&watched, 1, milliseconds) > 0) return true;
    if (limit && sys::monotonic_time() >= end) return false;
  }
}

std::string first_line(int output) {
  constexpr std::size_t kMost = 200;
  ::lseek(output, 0, SEEK_SET);
  const std::string all = sys::read_all(output, kMost);
  return text::trimmed(all.substr(0, all.find('\n')));
}

}  // namespace

void run_hook(const Hook& hook, std::string_view point, const std::string& state,
              const std::string& folder) {
  const std::string doing = "run the " + std::string(point) + " hook " + text::quoted(hook.path);
  const UniqueFd input = input_with(state), output = memory_file("output");
  sys::Cloned child = sys::clone_into(0, -1);
  if (child.pid == 0) execute(hook, input.get(), output.get(), folder);
  const bool in_time = ends_within(child.pidfd.get(), hook.timeout);
  if (!in_time) sys::send_signal(child.pidfd.get(), SIGKILL);
  const sys::Ended ended = sys::wait_for(child.pidfd.get());
  if (!in_time) {
    throw SetupError("hooks",
                     doing + ": it took longer than its timeout of " +
                         std::to_string(hook.timeout->count()) + " s",
                     ETIMEDOUT, "");
  }
  if (!ended.by_signal && ended.value == 0) return;
  const std::string how =
      (ended.by_signal ? "signal " : "exit status ") + std::to_string(ended.value);
  const std::string said = first_line(output.get());
  throw SetupError("hooks", doing + ": " + how + (said.empty() ? "" : ": " + said), 0, "");
}

}  // namespace mydocker
