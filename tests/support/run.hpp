// Runs programs as a user would: from outside, with their output, their status, their time.
#pragma once

#include <sys/types.h>

#include <chrono>
#include <string>
#include <vector>

namespace mydocker::test {

struct Result {
  int status = -1;                          // exit status, or 128 + signal as a shell says it
  std::string out, err;
};

// The binary under test (environment MYDOCKER_BINARY overrides what was built) and the project's top folder.
[[nodiscard]] std::string binary();
[[nodiscard]] std::string project();

// A program that is running: standard input is /dev/null, output and errors are collected in files.
// The destructor kills it (its own process only) and waits.
class Running {
 public:
  explicit Running(const std::vector<std::string>& command);
  ~Running();
  Running(const Running&) = delete;
  Running& operator=(const Running&) = delete;

  [[nodiscard]] pid_t pid() const { return pid_; }
  void signal(int number) const;
  // Waits for the end, at most `limit`; a program that takes longer is killed, and the test fails.
  [[nodiscard]] Result wait(std::chrono::seconds limit = std::chrono::seconds(60));
  // Waits until standard output holds `text`; false after `limit`.
  [[nodiscard]] bool wait_for_output(const std::string& text, std::chrono::seconds limit = std::chrono::seconds(30)) const;

 private:
  [[nodiscard]] std::string content(int fd) const;

  pid_t pid_ = 0;
  int out_ = -1, err_ = -1;
  bool reaped_ = false;
};

// Runs to the end. `mydocker({"-a", "/bin/true"})` runs the binary under test with these words.
[[nodiscard]] Result run(const std::vector<std::string>& command);
[[nodiscard]] Result mydocker(std::vector<std::string> words);
// A script for the container's bash: mydocker with `options` and /bin/bash -c `script`.
[[nodiscard]] Result in_container(std::vector<std::string> options, const std::string& script);
// What was said beside warnings: a root on a file system that cannot be ID-mapped gives one with -U.
[[nodiscard]] std::string without_warnings(const std::string& errors);
// MyDocker under a caller of its own making: the host's bash runs `script`, in which "$@" is MyDocker with `words`.
[[nodiscard]] Result from_shell(const std::string& script, std::vector<std::string> words);

}  // namespace mydocker::test
