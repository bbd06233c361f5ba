#include "sys/processes.hpp"

#include <fcntl.h>
#include <linux/sched.h>
#include <poll.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <charconv>
#include <csignal>
#include <ctime>

#include "helpers/numbers.hpp"
#include "helpers/text.hpp"
#include "sys/check.hpp"
#include "sys/files.hpp"

#ifndef P_PIDFD
#define P_PIDFD 3
#endif

namespace mydocker::sys {
namespace {

constexpr std::uint64_t kBillion = 1000000000;

std::uint64_t now(clockid_t clock) {
  timespec time{};
  ::clock_gettime(clock, &time);
  return static_cast<std::uint64_t>(time.tv_sec) * kBillion +
         static_cast<std::uint64_t>(time.tv_nsec);
}

// The mask on the line "SigCgt:\t0000000000000001" of a status file. A whole line: the first one is
// the process's name, which it chooses itself.
std::uint64_t signal_mask(std::string_view status, const std::string& key) {
  const std::string begin = "\n" + key + ":\t";
  const auto at = status.find(begin);
  if (at == std::string_view::npos) return 0;
  const std::string_view digits = status.substr(at + begin.size());
  std::uint64_t mask = 0;
  std::from_chars(digits.data(), digits.data() + digits.size(), mask, 16);
  return mask;
}

// The fields of /proc/PID/stat behind the name; none if the process is gone. The name in brackets
// may hold blanks and brackets itself, so they are counted behind the last one.
std::vector<std::string> stat_fields(pid_t pid) {
  std::vector<std::string> out;
  const auto stat = try_read_file("/proc/" + std::to_string(pid) + "/stat");
  const auto bracket = stat ? stat->rfind(')') : std::string::npos;
  if (bracket == std::string::npos) return out;
  for (const auto field : text::words(std::string_view(*stat).substr(bracket + 1)))
    out.emplace_back(field);
  return out;
}

struct Reply {
  pid_t pid = 0;
  int error = 0;
};

Cloned clone_with(std::uint64_t flags, int cgroup, int exit_signal) {
  int pidfd = -1;
  clone_args args{};
  args.flags = flags | CLONE_PIDFD | CLONE_CLEAR_SIGHAND;
  args.pidfd = reinterpret_cast<std::uintptr_t>(&pidfd);
  args.exit_signal = static_cast<unsigned>(exit_signal);
  if (cgroup >= 0) {
    args.flags |= std::uint64_t{CLONE_INTO_CGROUP};
    args.cgroup = static_cast<unsigned>(cgroup);
  }
  const long pid = check(::syscall(SYS_clone3, &args, sizeof args), "clone3");
  return {static_cast<pid_t>(pid), UniqueFd(pid == 0 ? -1 : pidfd)};
}

// The words as execve(2) wants them; they outlive the result.
std::vector<char*> pointers_to(const std::vector<std::string>& words) {
  std::vector<char*> out;
  for (const auto& word : words) out.push_back(const_cast<char*>(word.c_str()));
  out.push_back(nullptr);
  return out;
}

}  // namespace

Cloned clone_into(std::uint64_t namespaces, int cgroup) {
  return clone_with(namespaces, cgroup, SIGCHLD);
}

Cloned clone_through(const std::vector<int>& joined, std::uint64_t namespaces, int cgroup) {
  std::array<int, 2> ends{};
  check(::pipe2(ends.data(), O_CLOEXEC), "pipe2");
  UniqueFd from(ends[0]), to(ends[1]);
  const auto between = static_cast<pid_t>(check(::fork(), "fork"));
  if (between == 0) {
    from.reset();
    Reply reply;
    try {
      for (const int fd : joined) check(::syscall(SYS_setns, fd, 0), "setns");
      // Without a signal of its own: the kernel takes that of the process in between.
      Cloned child = clone_with(namespaces | CLONE_PARENT, cgroup, 0);
      if (child.pid == 0) return child;
      reply.pid = child.pid;
    } catch (const std::system_error& error) {
      reply.error = error.code().value();
    }
    (void)!::write(to.get(), &reply, sizeof reply);
    ::_exit(0);
  }
  to.reset();
  Reply reply;
  const auto got = ::read(from.get(), &reply, sizeof reply);
  check(::waitpid(between, nullptr, 0), "waitpid");
  if (got != static_cast<ssize_t>(sizeof reply)) fail(ECHILD, "clone3");
  if (reply.error != 0) fail(reply.error, "setns");
  // Our own child: its number cannot be another's before we have reaped it.
  return {reply.pid, check_fd(::syscall(SYS_pidfd_open, reply.pid, 0), "pidfd_open")};
}

Ended wait_for(int pidfd) {
  siginfo_t info{};
  Ended ended;
  // The raw call has a fifth parameter, the usage, that waitid(3) leaves out.
  while (::syscall(SYS_waitid, P_PIDFD, pidfd, &info, WEXITED, &ended.usage) < 0) {
    if (errno != EINTR) fail(errno, "waitid");
  }
  ended.by_signal = info.si_code != CLD_EXITED;
  ended.value = info.si_status;
  return ended;
}

int status_of(const Ended& ended) { return ended.by_signal ? 128 + ended.value : ended.value; }

int run_program(const std::string& file, const std::vector<std::string>& words) {
  Cloned child = clone_into(0, -1);
  if (child.pid == 0) {
    char* const none[] = {nullptr};
    ::execve(file.c_str(), pointers_to(words).data(), none);
    ::_exit(kNotRun);
  }
  return status_of(wait_for(child.pidfd.get()));
}

Finished run_program(int program, const std::vector<std::string>& words,
                     const std::vector<std::string>& environment) {
  std::array<int, 2> ends{};
  check(::pipe2(ends.data(), O_CLOEXEC), "pipe2");
  UniqueFd from(ends[0]), to(ends[1]);
  const auto argv = pointers_to(words), variables = pointers_to(environment);
  Cloned child = clone_into(0, -1);
  if (child.pid == 0) {
    for (const int standard : {STDOUT_FILENO, STDERR_FILENO}) ::dup2(to.get(), standard);
    ::syscall(SYS_execveat, program, "", argv.data(), variables.data(), AT_EMPTY_PATH);
    ::_exit(kNotRun);
  }
  to.reset();
  constexpr std::size_t kLimit = 16384;
  Finished out;
  out.output = read_all(from.get(), kLimit);
  from.reset();  // what it says beyond that is lost, and must not keep it waiting
  out.status = status_of(wait_for(child.pidfd.get()));
  return out;
}

void see_the_end_of(int pidfd) {
  pollfd ended{pidfd, POLLIN, 0};
  while (::poll(&ended, 1, -1) < 0 && errno == EINTR) {
  }
  siginfo_t info{};
  (void)::syscall(SYS_waitid, P_PIDFD, pidfd, &info, WEXITED | WNOHANG, nullptr);
}

void reap_all_but(pid_t kept) {
  siginfo_t ended{};
  constexpr int kLook = WEXITED | WNOHANG | WNOWAIT;
  while (::waitid(P_ALL, 0, &ended, kLook) == 0 && ended.si_pid != 0 && ended.si_pid != kept) {
    (void)::waitid(P_PID, static_cast<id_t>(ended.si_pid), nullptr, WEXITED | WNOHANG);
    ended.si_pid = 0;
  }
}

bool send_signal(int pidfd, int signal) {
  return ::syscall(SYS_pidfd_send_signal, pidfd, signal, nullptr, 0) == 0;
}

UniqueFd open_process(pid_t pid) {
  return UniqueFd(static_cast<int>(::syscall(SYS_pidfd_open, pid, 0)));
}

std::optional<std::uint64_t> start_time(pid_t pid) {
  const auto fields = stat_fields(pid);
  constexpr std::size_t kStartTime = 19;  // field 22 of proc(5), the third one being the first here
  if (fields.size() <= kStartTime) return std::nullopt;
  const auto ticks = numbers::parse(fields[kStartTime]);
  if (!ticks) return std::nullopt;
  return *ticks * (kBillion / static_cast<std::uint64_t>(::sysconf(_SC_CLK_TCK)));
}

bool has_ended(int pidfd) {
  pollfd ended{pidfd, POLLIN, 0};
  return ::poll(&ended, 1, 0) > 0;
}

std::uint64_t boot_time() { return now(CLOCK_BOOTTIME); }

std::uint64_t monotonic_time() { return now(CLOCK_MONOTONIC); }

bool handles(std::string_view status, int signal) {
  const std::uint64_t handled =
      signal_mask(status, "SigBlk") | signal_mask(status, "SigIgn") | signal_mask(status, "SigCgt");
  return (handled >> (signal - 1) & 1) != 0;
}

bool is_unhandled(const std::string& status_file, int signal) {
  const auto status = try_read_file(status_file);
  return status && !handles(*status, signal);
}

}  // namespace mydocker::sys
