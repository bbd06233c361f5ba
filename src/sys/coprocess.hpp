// A carried program (carried.hpp) that answers one request after another, while MyDocker does
// something else.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "mydocker/unique_fd.hpp"
#include "sys/processes.hpp"

namespace mydocker::sys {

// It reads requests from its standard input, a stream socket: a number of bytes, as 32 bits of this
// machine, and so many bytes, in which each word ends with a zero. To each it answers when it is
// done: what was asked, or nothing, and a zero. When something fails it says why on standard error and ends.
class Coprocess {
 public:
  // Starts `program`; `words` begin with its name. Throws std::system_error.
  Coprocess(std::string_view program, const std::vector<std::string>& words);

  // Does not wait for the answer. `passed` goes along as a copy; -1: nothing does. What a program
  // that has ended was asked for is told by next_answer(). Throws std::system_error.
  void ask(const std::vector<std::string>& words, int passed) const;

  // Waits for the answer to the earliest request that has none yet. Status 0: it is done, with this
  // answer; else the program has ended: its status, and what it said. Throws std::system_error.
  [[nodiscard]] Finished next_answer();

  // Nothing more will be asked; waits until the program has ended.
  void end();

 private:
  UniqueFd socket_, errors_, pidfd_;
  std::string unread_;  // of answers
};

}  // namespace mydocker::sys
