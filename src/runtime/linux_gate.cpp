// LinuxExecutor: hooks, the gate, the filter, and execve.
#include <fcntl.h>
#include <linux/close_range.h>
#include <linux/seccomp.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>

#include "mydocker/error.hpp"
#include "process/init.hpp"
#include "runtime/hooks.hpp"
#include "runtime/linux_executor.hpp"
#include "sys/check.hpp"
#include "sys/executables.hpp"
#include "sys/landlock.hpp"
#include "sys/probe.hpp"

namespace mydocker {
namespace {

std::vector<char*> pointers(const std::vector<std::string>& words) {
  std::vector<char*> out;
  out.reserve(words.size() + 1);
  for (const auto& word : words) out.push_back(const_cast<char*>(word.c_str()));
  out.push_back(nullptr);
  return out;
}

}  // namespace

ExecImage::ExecImage(const Exec& exec)
    : argv_(pointers(exec.argv)), environment_(pointers(exec.environment)) {}

// Named through /proc, where the container's own process 1 finds its own descriptors.
void LinuxExecutor::act(const CarryProbe&) {
  context_.probe = sys::probe_in_memory();
  context_.executable = "/proc/self/fd/" + std::to_string(context_.probe.get());
}

void LinuxExecutor::act(const FindExecutable& action) {
  auto found = sys::find_executable(action.name, action.path);
  if (found.is_32_bit && !action.may_be_32_bit)
    throw SetupError("gate", describe(action), ENOEXEC,
                     "a 32-bit program: add --abi32; a profile of your own lists SCMP_ARCH_X86",
                     exit_status::kNotExecutable);
  context_.executable = std::move(found.file);
}

void LinuxExecutor::act(const RunHook& action) {
  const pid_t pid = context_.channel != nullptr ? ::getpid() : context_.child;
  run_hook(action.hook, action.point, context_.state(action.status, pid), context_.hooks_folder);
}

void LinuxExecutor::act(const AwaitHooks&) {
  if (!context_.channel->await_hooks()) ::_exit(exit_status::kFailure);
}

void LinuxExecutor::act(const OutliveParent&) { sys::check(::prctl(PR_SET_PDEATHSIG, 0), "prctl"); }

void LinuxExecutor::act(const Rendezvous&) {
  context_.channel->send_ready();
  context_.hooks_folder = "/";  // from here on they run inside
  if (!context_.gate) return;
  if (context_.start_socket) {
    context_.channel->await_starter(context_.start_socket.get(), context_.page_file.get());
    context_.start_socket.reset();
  } else if (!context_.channel->await_start()) {
    ::_exit(exit_status::kFailure);
  }
}

void LinuxExecutor::act(const RestrictFiles& action) {
  const UniqueFd ruleset = sys::make_ruleset(action.handled, action.shuts_abstract_sockets);
  for (const auto& rule : action.rules) {
    // The root is at hand; the others are opened inside, as the container's user.
    if (rule.path == "/") {
      sys::grant(ruleset.get(), root(), rule.rights);
      continue;
    }
    const UniqueFd place = sys::check_fd(::open(rule.path.c_str(), O_PATH | O_CLOEXEC), "open");
    sys::grant_at(ruleset.get(), place.get(), rule.rights);
  }
  for (const unsigned fd : action.descriptors)
    sys::grant_open(ruleset.get(), static_cast<int>(fd), action.handled);
  sys::restrict_self(ruleset.get());
}

void LinuxExecutor::act(const CloseOnExec& action) {
  const auto close = [](unsigned first, unsigned last) {
    if (first <= last)
      sys::check(::syscall(SYS_close_range, first, last, CLOSE_RANGE_CLOEXEC), "close_range");
  };
  unsigned first = action.first;
  for (const unsigned kept : action.kept) {
    close(first, kept - 1);
    first = kept + 1;
  }
  close(first, ~0U);
}

void LinuxExecutor::act(const LoadSeccomp& action) {
  sock_fprog program{};
  program.len = static_cast<unsigned short>(action.program.size());
  program.filter = const_cast<sock_filter*>(action.program.data());
  const auto load = [&program](unsigned flags) {
    return ::syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, flags, &program);
  };
  const bool listens = action.answered_here || !action.listener.empty();
  const unsigned flags = action.flags | (listens ? SECCOMP_FILTER_FLAG_NEW_LISTENER : 0U);
  long result = -1;
  // Else each signal would interrupt a call that waits for its answer, and it would be made again.
  // Linux 5.19 has it.
  if (action.answered_here) result = load(flags | SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV);
  if (result < 0) result = load(flags);
  sys::check(result, "seccomp");
  if (!listens) return;
  // The filter may forbid any call, so MyDocker fetches the descriptor out of this process, and
  // this process waits without a call.
  context_.page->listener = static_cast<std::int32_t>(result) + 1;
  while (context_.page->listener_taken == 0) {
  }
}

void LinuxExecutor::act(const Exec& action) {
  if (action.under_init) process::become_init(*context_.page);
  ::execve(context_.executable.c_str(), context_.image.argv(), context_.image.environment());
  // No other system call is made here: the filter may forbid any. MyDocker reads the page.
  context_.page->exec_errno = errno;
  ::_exit(errno == ENOENT ? exit_status::kNotFound : exit_status::kNotExecutable);
}

}  // namespace mydocker
