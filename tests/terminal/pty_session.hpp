// Plays the person at a terminal: what is typed, what is seen, the window's size, the settings.
#pragma once

#include <sys/types.h>
#include <termios.h>

#include <chrono>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "mydocker/unique_fd.hpp"
#include "support/run.hpp"

namespace mydocker::test {

using Limit = std::chrono::milliseconds;
constexpr Limit kLimit(30000);

struct Window {
  unsigned short rows = 24, columns = 200;  // wide: a shell's echo of a long line stays one line
};

// What a program gets for one of its standard descriptors.
constexpr int kTerminal = -1;
struct Streams {
  int in = kTerminal, out = kTerminal, err = kTerminal;
};

constexpr const char* kPrompt = "ready> ";
constexpr const char* kSetPrompt = "PS1=ready> ";

class PtySession {
 public:
  // Starts `command` as the leader of a new session whose controlling terminal is a new pty.
  explicit PtySession(const std::vector<std::string>& command, Window window = {},
                      Streams streams = {});
  // Hangs up, kills what is still there of its own process, waits.
  ~PtySession();
  PtySession(const PtySession&) = delete;
  PtySession& operator=(const PtySession&) = delete;

  [[nodiscard]] pid_t pid() const { return pid_; }
  void signal(int number) const;

  void type(std::string_view bytes);
  // Waits until `text` shows behind all that was waited for before.
  [[nodiscard]] bool sees(std::string_view text, Limit limit = kLimit);
  // Types `keys` again and again until `text` shows: for keys that only a running program takes.
  [[nodiscard]] bool sees_after(std::string_view keys, std::string_view text);
  // What a shell that has shown its prompt prints for `command`, with plain newlines and without
  // the last one. $was is the status of the command before.
  [[nodiscard]] std::string answer(const std::string& command);
  // Goes on reading the screen until `holds`, or the limit.
  [[nodiscard]] bool until(const std::function<bool()>& holds, Limit limit = kLimit);
  void rest(Limit time);

  // Everything that was ever on the screen.
  [[nodiscard]] const std::string& screen() const { return screen_; }
  void resize(Window window);
  [[nodiscard]] termios settings() const;
  void set_settings(const termios& settings);
  // As MyDocker sets it; a shell that edits a line goes on processing output.
  [[nodiscard]] bool is_raw() const { return (settings().c_oflag & OPOST) == 0; }
  // How many bytes are typed, but read by nobody.
  [[nodiscard]] int unread();
  // The window is closed.
  void hang_up();

  // The exit status, 128 + signal as a shell says it; -1 and a failure after the limit.
  [[nodiscard]] int status(Limit limit = kLimit);
  [[nodiscard]] bool has_ended();
  // Whether it has been stopped since the last question.
  [[nodiscard]] bool was_stopped();

 private:
  void read_screen(Limit time);
  void take_status(int options);

  UniqueFd master_, slave_;
  pid_t pid_ = 0;
  int status_ = 0;
  bool ended_ = false, stopped_ = false;
  std::string screen_;
  std::size_t seen_ = 0;
  int answers_ = 0;
};

// The binary under test with these words; and its words for an interactive shell with kPrompt.
[[nodiscard]] std::vector<std::string> mydocker_command(std::vector<std::string> words);
[[nodiscard]] std::vector<std::string> shell_command(std::vector<std::string> options);

// Whether two settings of a terminal are the same.
[[nodiscard]] bool are_same(const termios& a, const termios& b);

// Processor time that a process of ours or of the container has used.
[[nodiscard]] std::chrono::nanoseconds processor_time(pid_t pid);

// The first child of `pid`, and its name; 0 and "" if there is none.
[[nodiscard]] pid_t child_of(pid_t pid);
[[nodiscard]] std::string name_of(pid_t pid);

// Whether the last of the chain of first children of `pid` has this name, and is not stopped.
[[nodiscard]] bool runs_below(pid_t pid, std::string_view name);

}  // namespace mydocker::test
