// Between the user's terminal and the container's pty: bytes both ways, raw mode, size.
#pragma once

#include <poll.h>
#include <sys/types.h>
#include <termios.h>

#include <optional>
#include <string>

#include "mydocker/unique_fd.hpp"

namespace mydocker {

class TerminalProxy {
 public:
  // `master` of the container's pty, whose session leader is `pid`. Puts the user's terminal in raw
  // mode, if standard input is one and MyDocker is in its foreground. Without `is_typed_at` nobody types,
  // and no end of what is typed is told either.
  TerminalProxy(UniqueFd master, pid_t pid, bool is_typed_at);
  // Restores the user's terminal.
  ~TerminalProxy();
  TerminalProxy(const TerminalProxy&) = delete;
  TerminalProxy& operator=(const TerminalProxy&) = delete;

  // Says what to wait for: `master` for the pty, `input` and `output` for the user's side.
  void watch(pollfd& master, pollfd& input, pollfd& output) const;
  // Moves what is there, without ever waiting for a reader.
  void serve(const pollfd& master, const pollfd& input, const pollfd& output);
  // SIGINT or SIGQUIT if its character was typed for PID 1 itself, which loses both without a
  // handler; else 0.
  [[nodiscard]] int typed_signal();
  // After the container's end: whether its last words have been passed on.
  [[nodiscard]] bool is_drained();

  void resize();
  // Out of raw mode, and into it again.
  void leave();
  void enter();
  // Whether there is something that no descriptor tells, and `look` has to be called now and then.
  [[nodiscard]] bool must_look() const { return !in_foreground_ || input_ended_; }
  void look();

 private:
  void read_input();
  void read_master();
  void note_typed(std::string_view bytes);
  void type_end();

  UniqueFd master_;
  UniqueFd slave_;   // held open, so that a container that closes its own sees no end
  UniqueFd output_;  // where the container's output goes
  pid_t pid_;
  std::optional<termios> before_;  // the user's settings while in raw mode
  bool input_open_ = true, input_ended_ = false, master_open_ = true, in_foreground_ = false;
  bool in_line_ = false;  // what was typed last has not ended its line
  std::string pending_;   // typed, not yet taken by the pty
  std::string shown_;     // from the pty, not yet taken by the user's side
  int typed_ = 0;
};

}  // namespace mydocker
