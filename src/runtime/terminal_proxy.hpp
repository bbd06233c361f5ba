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
  // `master` of the container's pty, whose session leader is `pid`. Puts the user's terminal in raw mode, if
  // standard input is one and MyDocker is in its foreground.
  TerminalProxy(UniqueFd master, pid_t pid);
  // Restores the user's terminal.
  ~TerminalProxy();
  TerminalProxy(const TerminalProxy&) = delete;
  TerminalProxy& operator=(const TerminalProxy&) = delete;

  // Says what to wait for: `master` for the pty, `input` for the user's side.
  void watch(pollfd& master, pollfd& input) const;
  // Moves what is there.
  void serve(const pollfd& master, const pollfd& input);
  // SIGINT or SIGQUIT if its character was typed for PID 1 itself, which loses both without a handler; else 0.
  [[nodiscard]] int typed_signal();
  // The container's last words, after its end.
  void drain();

  void resize();
  // Out of raw mode, and into it again.
  void leave();
  void enter();

 private:
  void read_input();
  bool read_master();
  void note_typed(std::string_view bytes);

  UniqueFd master_;
  UniqueFd slave_;                          // held open, so that a container that closes its own sees no end
  pid_t pid_;
  int output_;                              // where the container's output goes
  std::optional<termios> before_;           // the user's settings while in raw mode
  bool input_open_ = true, master_open_ = true, in_foreground_ = false;
  std::string pending_;                     // typed, not yet taken by the pty
  int typed_ = 0;
};

}  // namespace mydocker
