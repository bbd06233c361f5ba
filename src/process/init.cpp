#include "process/init.hpp"

#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstring>
#include <string_view>

#include "mydocker/error.hpp"

namespace mydocker::process {
namespace {

// Reaps every child that has ended; exits with the entrypoint.
void reap(pid_t entrypoint, SharedPage& page) {
  for (;;) {
    int status = 0;
    const pid_t ended = ::waitpid(-1, &status, WNOHANG);
    if (ended <= 0) return;
    if (ended != entrypoint) continue;
    page.init_status = status + 1;
    ::_exit(WIFSIGNALED(status) ? exit_status::kSignalBase + WTERMSIG(status)
                                : WEXITSTATUS(status));
  }
}

// /proc/1/cmdline would show the container how MyDocker was called: paths of the host, --env values.
// The words lie one behind the other, and the environment follows them; see proc(5).
void forget_command_line() {
  char* const begin = program_invocation_name;
  char* const end = environ[0];
  if (end == nullptr || begin >= end) return;
  std::memset(begin, 0, static_cast<std::size_t>(end - begin));
  constexpr std::string_view kName = "mydocker-init";
  if (static_cast<std::size_t>(end - begin) > kName.size())
    std::memcpy(begin, kName.data(), kName.size());
}

[[noreturn]] void serve(pid_t entrypoint, const sigset_t& all, SharedPage& page) {
  for (;;) {
    const int signal = ::sigwaitinfo(&all, nullptr);
    if (signal == SIGCHLD)
      reap(entrypoint, page);
    else if (signal > 0)
      ::kill(entrypoint, signal);
    else if (errno != EINTR)
      ::_exit(exit_status::kFailure);
  }
}

// In a process group of its own, in the foreground, as a shell starts a job.
void lead_foreground() {
  ::setpgid(0, 0);
  sigset_t stopping;
  ::sigemptyset(&stopping);
  ::sigaddset(&stopping, SIGTTOU);
  ::sigprocmask(SIG_BLOCK, &stopping, nullptr);
  ::tcsetpgrp(STDIN_FILENO, ::getpid());
}

}  // namespace

void become_init(SharedPage& page) {
  sigset_t all, none;
  ::sigfillset(&all);
  ::sigemptyset(&none);
  ::sigprocmask(SIG_SETMASK, &all,
                nullptr);  // waited for, never lost between the fork and the first wait
  const pid_t entrypoint = ::fork();
  if (entrypoint < 0) {
    page.exec_errno = errno;
    ::_exit(exit_status::kFailure);
  }
  if (entrypoint == 0) {
    lead_foreground();
    ::sigprocmask(SIG_SETMASK, &none, nullptr);
    return;
  }
  ::prctl(PR_SET_DUMPABLE, 0);
  ::prctl(PR_SET_NAME, "mydocker-init");
  forget_command_line();
  ::close_range(STDERR_FILENO + 1, ~0U, 0);
  serve(entrypoint, all, page);
}

}  // namespace mydocker::process
