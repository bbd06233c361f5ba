// What MyDocker does while the container runs: forwards signals and the terminal, watches the clock.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <functional>
#include <optional>
#include <vector>

#include "mydocker/outcome.hpp"
#include "mydocker/runtime.hpp"
#include "mydocker/unique_fd.hpp"
#include "runtime/terminal_proxy.hpp"
#include "sys/processes.hpp"

namespace mydocker {

class Supervisor {
 public:
  // `pidfd` and `pid` are PID 1 of the container; `master` its pty, or empty; `listener` where calls
  // wait for an answer, or empty. `has_helpers`: other children that end have to be reaped, too.
  Supervisor(int pidfd, pid_t pid, UniqueFd master, UniqueFd listener,
             const Supervision& supervision, bool has_helpers);

  // Returns when PID 1 has ended; it is not reaped yet.
  void run();

  [[nodiscard]] bool timed_out() const { return timed_out_; }
  // The signal that MyDocker had to answer by killing the container, since PID 1 would have lost it; 0: none.
  [[nodiscard]] int answered_signal() const { return answered_signal_; }
  // Whether the last SIGKILL came from here.
  [[nodiscard]] bool killed() const { return killed_; }

 private:
  void take_signal(int signal_fd);
  void take_call(short events);
  void deliver(int signal);
  // Kills the container in the place of a signal that PID 1 would lose; false if it would not.
  bool kill_if_lost(int signal);
  void kill();
  void look();
  void check_clock();
  [[nodiscard]] int milliseconds_left() const;

  int pidfd_;
  pid_t pid_;
  bool has_helpers_;
  bool signals_reach_;
  int stop_signal_;
  UniqueFd listener_;
  AnswerCall answer_call_;
  int companion_;
  std::function<void()> on_companion_end_;
  std::vector<Stream> streams_;
  std::optional<TerminalProxy> terminal_;
  std::uint64_t term_at_ = 0, kill_at_ = 0;  // CLOCK_MONOTONIC nanoseconds; 0: never
  std::uint64_t look_at_ = 0;
  bool ended_ = false, timed_out_ = false, killed_ = false;
  int answered_signal_ = 0;
};

// The outcome of PID 1's end. `init_status` is SharedPage's: with --init the entrypoint's own end is in there.
[[nodiscard]] Outcome outcome_of(const sys::Ended& ended, int init_status,
                                 const Supervisor& supervisor, std::uint64_t wall_nanoseconds);

}  // namespace mydocker
