// Programs that read all of a text, answer, and end.
#pragma once

#include <string>
#include <vector>

namespace mydocker::sys {

struct Answer {
  int status = 0;              // its exit status, or 128 and the signal that ended it
  std::string output, errors;  // of standard output and standard error, their beginning
};

// Runs `file` without words, in this environment ("NAME=value"), with `input` on its standard input,
// and waits for it. It dies with this process; or, given the descriptor `lock`, goes on, and holds that
// open until it and all that it has started have ended. Throws std::system_error.
[[nodiscard]] Answer ask_program(const std::string& file,
                                 const std::vector<std::string>& environment,
                                 const std::string& input, int lock = -1);

}  // namespace mydocker::sys
