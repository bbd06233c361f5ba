// LinuxExecutor: names, ids, capabilities, terminal, the filter, and execve.
#include <fcntl.h>
#include <grp.h>
#include <linux/close_range.h>
#include <linux/keyctl.h>
#include <linux/seccomp.h>
#include <net/if.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstring>

#include "mydocker/error.hpp"
#include "process/init.hpp"
#include "runtime/linux_executor.hpp"
#include "sys/capabilities.hpp"
#include "sys/check.hpp"
#include "sys/executables.hpp"
#include "sys/mounts.hpp"
#include "sys/terminal.hpp"

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

void LinuxExecutor::act(const DieWithParent&) {
  sys::check(::prctl(PR_SET_PDEATHSIG, SIGKILL), "prctl");
  // MyDocker may have died before the kernel was asked; getppid(2) is 0 in a new PID namespace
  // either way.
  if (context_.channel->is_hung_up()) ::_exit(exit_status::kFailure);
}

void LinuxExecutor::act(const Unshare& action) {
  sys::check(::syscall(SYS_unshare, action.flags), "unshare");
}

void LinuxExecutor::act(const SetHostname& action) {
  sys::check(::sethostname(action.name.data(), action.name.size()), "sethostname");
}

void LinuxExecutor::act(const RaiseLoopback&) {
  const UniqueFd socket = sys::check_fd(::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0), "socket");
  ifreq request{};
  std::memcpy(request.ifr_name, "lo", sizeof "lo");
  request.ifr_flags = IFF_UP | IFF_RUNNING;
  sys::check(::ioctl(socket.get(), SIOCSIFFLAGS, &request), "ioctl(SIOCSIFFLAGS)");
}

void LinuxExecutor::act(const JoinSessionKeyring&) {
  const long result = ::syscall(SYS_keyctl, KEYCTL_JOIN_SESSION_KEYRING, nullptr);
  if (result < 0 && errno != ENOSYS && errno != EPERM) sys::fail(errno, "keyctl");
}

void LinuxExecutor::act(const ResetSignals&) {
  // By the raw call: glibc keeps two signals to itself and would leave those as they are.
  struct {
    void* handler;
    unsigned long flags;
    void* restorer;
    std::uint64_t mask;
  } ordinary{};
  for (int signal = 1; signal <= 64; ++signal) {
    if (signal == SIGKILL || signal == SIGSTOP) continue;
    ::syscall(SYS_rt_sigaction, signal, &ordinary, nullptr, sizeof(std::uint64_t));
  }
  const std::uint64_t none = 0;
  sys::check(::syscall(SYS_rt_sigprocmask, SIG_SETMASK, &none, nullptr, sizeof none),
             "rt_sigprocmask");
}

void LinuxExecutor::act(const SetUmask& action) { ::umask(action.mask); }

void LinuxExecutor::act(const NewSession&) { sys::check(::setsid(), "setsid"); }

void LinuxExecutor::act(const OpenTerminal& action) {
  const sys::Pty pty = sys::open_pty();
  sys::set_size(pty.slave.get(), {action.rows, action.columns});
  if (action.owner != 0)
    sys::check(::fchown(pty.slave.get(), action.owner, static_cast<gid_t>(-1)), "fchown");
  const UniqueFd console = sys::check_fd(
      ::open("/dev/console", O_CREAT | O_EXCL | O_WRONLY | O_NOFOLLOW | O_CLOEXEC, 0600), "open");
  sys::attach(sys::copy_tree(pty.slave.get(), "", false).get(), console.get());
  sys::control(pty.slave.get());
  context_.channel->send_console(pty.master.get());
  for (int fd = 0; fd < 3; ++fd) {
    if (action.on_terminal[static_cast<std::size_t>(fd)])
      sys::check(::dup2(pty.slave.get(), fd), "dup2");
  }
}

void LinuxExecutor::act(const ChangeDirectory& action) {
  sys::check(::chdir(action.path.c_str()), "chdir");
  char where[4096];
  // A folder that the new root does not contain reads "(unreachable)/...": a way out through a
  // descriptor.
  if (sys::check(::syscall(SYS_getcwd, where, sizeof where), "getcwd") < 1 || where[0] != '/')
    sys::fail(EXDEV, "getcwd");
}

void LinuxExecutor::act(const DropBounding& action) { sys::drop_bounding(action.capabilities); }

void LinuxExecutor::act(const SetIds& action) {
  const User& user = action.user;
  sys::check(::setgroups(user.groups.size(), user.groups.data()), "setgroups");
  sys::check(::setresgid(user.gid, user.gid, user.gid), "setresgid");
  sys::check(::setresuid(user.uid, user.uid, user.uid), "setresuid");
}

void LinuxExecutor::act(const SetCapabilities& action) { sys::set_capabilities(action.kept); }

void LinuxExecutor::act(const NoNewPrivileges&) {
  sys::check(::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0), "prctl");
}

void LinuxExecutor::act(const FindExecutable& action) {
  context_.executable = sys::find_executable(action.name, action.path);
}

void LinuxExecutor::act(const Rendezvous&) {
  context_.channel->send_ready();
  if (context_.gate && !context_.channel->await_start()) ::_exit(exit_status::kFailure);
}

void LinuxExecutor::act(const CloseOnExec& action) {
  sys::check(::syscall(SYS_close_range, action.first, ~0U, CLOSE_RANGE_CLOEXEC), "close_range");
}

void LinuxExecutor::act(const LoadSeccomp& action) {
  sock_fprog program{};
  program.len = static_cast<unsigned short>(action.program.size());
  program.filter = const_cast<sock_filter*>(action.program.data());
  sys::check(::syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, &program), "seccomp");
}

void LinuxExecutor::act(const Exec& action) {
  if (action.under_init) process::become_init(*context_.page);
  ::execve(context_.executable.c_str(), context_.image.argv(), context_.image.environment());
  // No other system call is made here: the filter may forbid any. MyDocker reads the page.
  context_.page->exec_errno = errno;
  ::_exit(errno == ENOENT ? exit_status::kNotFound : exit_status::kNotExecutable);
}

}  // namespace mydocker
