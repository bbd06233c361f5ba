#include "sys/asked_program.hpp"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <unistd.h>

#include <csignal>

#include "sys/check.hpp"
#include "sys/files.hpp"
#include "sys/processes.hpp"

namespace mydocker::sys {
namespace {

// Memory files, not pipes: nobody waits for whoever does not read or write.
UniqueFd memory(const char* name) {
  return check_fd(::memfd_create(name, MFD_CLOEXEC), "memfd_create");
}

std::string content_of(const UniqueFd& file) {
  constexpr std::size_t kMost = 1U << 20;
  check(::lseek(file.get(), 0, SEEK_SET), "lseek");
  return read_all(file.get(), kMost);
}

}  // namespace

Answer ask_program(const std::string& file, const std::vector<std::string>& environment,
                   const std::string& input, int lock) {
  const UniqueFd in = memory("input"), out = memory("output"), errors = memory("errors");
  write_all(in.get(), input);
  check(::lseek(in.get(), 0, SEEK_SET), "lseek");
  std::vector<char*> variables;
  for (const auto& variable : environment) variables.push_back(const_cast<char*>(variable.c_str()));
  variables.push_back(nullptr);
  char* const argv[] = {const_cast<char*>(file.c_str()), nullptr};
  const pid_t parent = ::getpid();
  Cloned child = clone_into(0, -1);
  if (child.pid == 0) {
    sigset_t none;
    ::sigemptyset(&none);
    ::sigprocmask(SIG_SETMASK, &none, nullptr);
    ::signal(SIGPIPE, SIG_DFL);
    if (lock < 0) ::prctl(PR_SET_PDEATHSIG, SIGKILL);
    ::dup2(in.get(), STDIN_FILENO);
    ::dup2(out.get(), STDOUT_FILENO);
    ::dup2(errors.get(), STDERR_FILENO);
    if (lock >= 0) (void)::fcntl(lock, F_SETFD, 0);
    if (::getppid() == parent) ::execve(file.c_str(), argv, variables.data());
    ::_exit(kNotRun);
  }
  Answer answer;
  answer.status = status_of(wait_for(child.pidfd.get()));
  answer.output = content_of(out);
  answer.errors = content_of(errors);
  return answer;
}

}  // namespace mydocker::sys
