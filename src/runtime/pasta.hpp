// pasta(1), the program that carries what a container says to sockets of the host's: started, asked
// how it is, ended.
#pragma once

#include <sys/types.h>

#include <string>
#include <vector>

#include "mydocker/unique_fd.hpp"

namespace mydocker {

struct Pasta {
  UniqueFd process;  // a pidfd; empty: there is none
  UniqueFd said;     // its standard error, a file in memory
};

// Starts it for the network of `child`, and returns when that is ready. It dies with this process.
// Throws std::system_error where it is not installed, SetupError with its own words if it fails.
[[nodiscard]] Pasta start_pasta(const std::vector<std::string>& words, pid_t child);

// The last line that it wrote; empty if there is none.
[[nodiscard]] std::string last_words(const Pasta& pasta);

// Kills it, if it runs, and waits for its end.
void end_pasta(Pasta& pasta);

}  // namespace mydocker
