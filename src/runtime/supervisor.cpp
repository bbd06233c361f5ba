#include "runtime/supervisor.hpp"

#include <poll.h>
#include <sys/signalfd.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <climits>
#include <csignal>

#include "mydocker/error.hpp"
#include "sys/check.hpp"
#include "sys/seccomp_notifications.hpp"

namespace mydocker {
namespace {

constexpr std::uint64_t kMillisecond = 1000000;
constexpr std::uint64_t kBetweenLooks = 500 * kMillisecond;
constexpr std::uint64_t kNever = UINT64_MAX;
constexpr std::size_t kWatched = 7, kMostStreams = 2;
constexpr std::uint64_t kGrace =
    10000 * kMillisecond;  // between --timeout's first signal and its KILL

UniqueFd open_signals() {
  sigset_t all;
  ::sigfillset(&all);
  return sys::check_fd(::signalfd(-1, &all, SFD_CLOEXEC | SFD_NONBLOCK), "signalfd");
}

std::uint64_t nanoseconds(const timeval& time) {
  return static_cast<std::uint64_t>(time.tv_sec) * 1000 * kMillisecond +
         static_cast<std::uint64_t>(time.tv_usec) * 1000;
}

// Those that mean "end": lost on a PID 1 that has no handler for them.
bool ends_processes(int signal) {
  return signal == SIGINT || signal == SIGTERM || signal == SIGHUP || signal == SIGQUIT;
}

// Those that speak to MyDocker itself, or that the kernel sends it for its own doing.
bool is_ours(int signal) {
  return signal == SIGCHLD || signal == SIGPIPE || signal == SIGTTIN || signal == SIGTTOU ||
         signal == SIGURG;
}

}  // namespace

Supervisor::Supervisor(int pidfd, pid_t pid, UniqueFd master, UniqueFd listener,
                       const Supervision& supervision, bool has_helpers)
    : pidfd_(pidfd),
      pid_(pid),
      has_helpers_(has_helpers),
      signals_reach_(supervision.signals_reach),
      stop_signal_(supervision.stop_signal),
      listener_(std::move(listener)),
      answer_call_(supervision.answer_call),
      companion_(supervision.companion),
      on_companion_end_(supervision.on_companion_end),
      streams_(supervision.streams) {
  if (master) terminal_.emplace(std::move(master), pid, supervision.is_typed_at);
  if (supervision.timeout) {
    term_at_ = sys::monotonic_time() +
               static_cast<std::uint64_t>(supervision.timeout->count()) * kMillisecond;
  }
}

void Supervisor::run() {
  const UniqueFd signals = open_signals();
  while (!ended_ || (terminal_ && !terminal_->is_drained())) {
    constexpr pollfd kNothing{-1, 0, 0};
    std::array<pollfd, kWatched + kMostStreams> watched{{{ended_ ? -1 : pidfd_, POLLIN, 0},
                                                         {signals.get(), POLLIN, 0},
                                                         kNothing,
                                                         kNothing,
                                                         kNothing,
                                                         {listener_.get(), POLLIN, 0},
                                                         {ended_ ? -1 : companion_, POLLIN, 0},
                                                         kNothing,
                                                         kNothing}};
    auto& [process, signal, master, input, output, call, companion, first, second] = watched;
    for (std::size_t i = 0; i < kMostStreams; ++i)
      watched[kWatched + i] = {i < streams_.size() ? streams_[i].fd : -1, POLLIN, 0};
    if (terminal_) terminal_->watch(master, input, output);
    if (ended_) input = kNothing;
    if (::poll(watched.data(), watched.size(), milliseconds_left()) < 0 && errno != EINTR)
      sys::fail(errno, "poll");
    if (signal.revents != 0) take_signal(signals.get());
    if (call.revents != 0) take_call(call.revents);
    if (first.revents != 0) streams_[0].take();
    if (second.revents != 0) streams_[1].take();
    if (companion.revents != 0) {
      companion_ = -1;
      on_companion_end_();
    }
    if (terminal_) {
      if (terminal_->must_look()) look();
      terminal_->serve(master, input, output);
      // Already sent inside, by the line discipline.
      if (const int typed = terminal_->typed_signal()) kill_if_lost(typed);
    }
    if (process.revents != 0) ended_ = true;
    if (!ended_) check_clock();
  }
  for (const auto& stream : streams_) stream.take();  // its last words
}

void Supervisor::take_signal(int signal_fd) {
  signalfd_siginfo info{};
  while (::read(signal_fd, &info, sizeof info) == static_cast<ssize_t>(sizeof info)) {
    const int signal = static_cast<int>(info.ssi_signo);
    if (signal == SIGCHLD && has_helpers_) sys::reap_all_but(pid_);
    if (is_ours(signal)) continue;
    if (signal == SIGWINCH) {
      if (terminal_)
        terminal_->resize();
      else
        sys::send_signal(pidfd_, signal);
    } else if (signal == SIGTSTP) {
      // Stop as every job does, with the user's terminal as it was; the container runs on.
      if (terminal_) terminal_->leave();
      ::raise(SIGSTOP);
      if (terminal_) terminal_->enter();
    } else if (signal == SIGCONT) {
      if (terminal_) terminal_->enter();
    } else {
      deliver(signal);
    }
  }
}

void Supervisor::take_call(short events) {
  if ((events & POLLIN) != 0)
    sys::answer_next_call(listener_.get(), answer_call_);
  else
    listener_.reset();  // no process has the filter any more
}

void Supervisor::deliver(int signal) {
  if (ended_ && ends_processes(signal))
    terminal_.reset();  // somebody is tired of waiting for a reader of the last words
  else if (!kill_if_lost(signal))
    sys::send_signal(pidfd_, signal);
}

bool Supervisor::kill_if_lost(int signal) {
  const std::string status_file = "/proc/" + std::to_string(pid_) + "/status";
  if (signals_reach_ || !ends_processes(signal) || !sys::is_unhandled(status_file, signal))
    return false;
  answered_signal_ = signal;
  kill();
  return true;
}

void Supervisor::kill() {
  killed_ = true;
  sys::send_signal(pidfd_, SIGKILL);
}

void Supervisor::look() {
  const std::uint64_t now = sys::monotonic_time();
  if (now < look_at_) return;
  look_at_ = now + kBetweenLooks;
  terminal_->look();
}

void Supervisor::check_clock() {
  const std::uint64_t now = term_at_ != 0 || kill_at_ != 0 ? sys::monotonic_time() : 0;
  if (term_at_ != 0 && now >= term_at_) {
    term_at_ = 0;
    kill_at_ = now + kGrace;
    timed_out_ = true;
    deliver(stop_signal_);
  }
  if (kill_at_ != 0 && now >= kill_at_) {
    kill_at_ = 0;
    kill();
  }
}

int Supervisor::milliseconds_left() const {
  if (ended_) return -1;
  std::uint64_t next = term_at_ != 0 ? term_at_ : kill_at_ != 0 ? kill_at_ : kNever;
  if (terminal_ && terminal_->must_look()) next = std::min(next, look_at_);
  if (next == kNever) return -1;
  const std::uint64_t now = sys::monotonic_time();
  if (now >= next) return 0;
  return static_cast<int>(std::min<std::uint64_t>((next - now) / kMillisecond + 1, INT_MAX));
}

Outcome outcome_of(const sys::Ended& ended, int init_status, const Supervisor& supervisor,
                   std::uint64_t wall_nanoseconds) {
  Outcome out;
  out.wall_nanoseconds = wall_nanoseconds;
  out.cpu_nanoseconds = nanoseconds(ended.usage.ru_utime) + nanoseconds(ended.usage.ru_stime);
  out.killed_by_us = supervisor.killed();
  bool by_signal = ended.by_signal;
  int value = ended.value;
  if (init_status != 0) {
    const int status = init_status - 1;
    by_signal = WIFSIGNALED(status);
    value = by_signal ? WTERMSIG(status) : WEXITSTATUS(status);
  }
  if (by_signal) {
    // A PID 1 without a handler had to be killed in the signal's place: the status tells the signal.
    out.signal = supervisor.answered_signal() != 0 ? supervisor.answered_signal() : value;
    out.reason = Reason::signal;
    out.status = exit_status::kSignalBase + out.signal;
  } else {
    out.status = value;
  }
  if (supervisor.timed_out()) {
    out.reason = Reason::timeout;
    out.status = exit_status::kTimeout;
  }
  return out;
}

}  // namespace mydocker
