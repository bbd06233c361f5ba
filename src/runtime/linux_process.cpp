// LinuxExecutor: keyring, signals, session, terminal, ids, capabilities.
#include <fcntl.h>
#include <grp.h>
#include <linux/keyctl.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>

#include "mydocker/error.hpp"
#include "runtime/linux_executor.hpp"
#include "sys/capabilities.hpp"
#include "sys/check.hpp"
#include "sys/files.hpp"
#include "sys/mounts.hpp"
#include "sys/terminal.hpp"

namespace mydocker {
void LinuxExecutor::act(const DieWithParent&) {
  sys::check(::prctl(PR_SET_PDEATHSIG, SIGKILL), "prctl");
  // MyDocker may have died before the kernel was asked; getppid(2) is 0 in a new PID namespace
  // either way.
  if (context_.channel->is_hung_up()) ::_exit(exit_status::kFailure);
}

void LinuxExecutor::act(const HideFromTracers&) {
  sys::check(::prctl(PR_SET_DUMPABLE, 0, 0, 0, 0), "prctl");
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

namespace {

void bind_console(int terminal, ConsoleFile file) {
  if (file == ConsoleFile::untouched) return;
  // A /dev that is the root's own, or the host's, may bring one, or be a link: none is followed.
  constexpr const char* kConsole = "console";
  const UniqueFd dev = sys::open_without_links("/dev", O_PATH);
  UniqueFd console;
  if (file == ConsoleFile::made)
    console.reset(
        ::openat(dev.get(), kConsole, O_CREAT | O_EXCL | O_WRONLY | O_NOFOLLOW | O_CLOEXEC, 0600));
  if (!console && (file == ConsoleFile::bound || errno == EEXIST))
    console.reset(::openat(dev.get(), kConsole, O_PATH | O_NOFOLLOW | O_CLOEXEC));
  if (!console && file == ConsoleFile::bound && errno == ENOENT) return;
  if (!console) sys::fail(errno, "openat");
  struct stat info {};
  sys::check(::fstat(console.get(), &info), "fstat");
  if (S_ISLNK(info.st_mode)) sys::fail(ELOOP, "openat");
  sys::attach(sys::copy_tree(terminal, "", false).get(), console.get());
}

}  // namespace

void LinuxExecutor::act(const OpenTerminal& action) {
  const sys::Pty pty = sys::open_pty();
  sys::set_size(pty.slave.get(), {action.rows, action.columns});
  if (action.owner != 0)
    sys::check(::fchown(pty.slave.get(), action.owner, static_cast<gid_t>(-1)), "fchown");
  bind_console(pty.slave.get(), action.console);
  sys::control(pty.slave.get());
  context_.channel->send_console(pty.master.get());
  for (int fd = 0; fd < 3; ++fd) {
    if (action.on_terminal[static_cast<std::size_t>(fd)])
      sys::check(::dup2(pty.slave.get(), fd), "dup2");
  }
}

void LinuxExecutor::act(const ChangeDirectory& action) {
  int result = ::chdir(action.path.c_str());
  if (result < 0 && errno == ENOENT && action.make) {
    // Made inside the root or nowhere: /proc/self/fd/7/x would be made where descriptor 7 leads.
    const UniqueFd root = sys::check_fd(::open("/", O_PATH | O_CLOEXEC), "open");
    const UniqueFd made =
        sys::open_in_root(root.get(), action.path, sys::Symlinks::follow, sys::Create::folder);
    result = ::fchdir(made.get());
  }
  sys::check(result, "chdir");
  char where[4096];
  // A folder that the new root does not contain reads "(unreachable)/...": a way out through a
  // descriptor.
  if (sys::check(::syscall(SYS_getcwd, where, sizeof where), "getcwd") < 1 || where[0] != '/')
    sys::fail(EXDEV, "getcwd");
}

void LinuxExecutor::act(const DropBounding& action) { sys::drop_bounding(action.capabilities); }

void LinuxExecutor::act(const SetIds& action) {
  const User& user = action.user;
  if (action.keeps_capabilities) sys::check(::prctl(PR_SET_KEEPCAPS, 1, 0, 0, 0), "prctl");
  const int groups = ::setgroups(user.groups.size(), user.groups.data());
  if (groups < 0 && !(errno == EPERM && action.may_keep_groups)) sys::fail(errno, "setgroups");
  sys::check(::setresgid(user.gid, user.gid, user.gid), "setresgid");
  sys::check(::setresuid(user.uid, user.uid, user.uid), "setresuid");
}

void LinuxExecutor::act(const SetCapabilities& action) {
  sys::set_capabilities(action.sets, action.until_exec);
}

void LinuxExecutor::act(const NoNewPrivileges&) {
  sys::check(::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0), "prctl");
}

}  // namespace mydocker
