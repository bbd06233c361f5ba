// Programs of the host's that MyDocker asks for help.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "mydocker/unique_fd.hpp"
#include "sys/processes.hpp"

namespace mydocker::sys {

// What such a program may do.
struct Leave {
  // Writes nowhere but in that folder, and root has no more power than that takes; -1: whatever its
  // user may.
  int folder = -1;
  bool speaks = false;  // what it says is seen on our standard error; else it is kept
};

// One run of a program, in our environment and with nothing on its standard input. It is ended with
// this object, and with MyDocker.
class InstalledProgram {
 public:
  // `words.front()` is looked for where the system has its programs. Throws std::system_error:
  // ENOENT, if it is not installed.
  InstalledProgram(const std::vector<std::string>& words, const Leave& leave);
  InstalledProgram(InstalledProgram&&) = delete;
  InstalledProgram& operator=(InstalledProgram&&) = delete;
  ~InstalledProgram();

  // Its exit status, or 128 and the signal that ended it; nothing if it goes on after that time (-1:
  // however long it takes).
  [[nodiscard]] std::optional<int> wait(int milliseconds);
  // The last line that it has said.
  [[nodiscard]] std::string last_words() const;

 private:
  Cloned child_;
  UniqueFd said_;
};

}  // namespace mydocker::sys
