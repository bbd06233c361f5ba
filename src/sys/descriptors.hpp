// Descriptors that go from process to process. See unix(7), SCM_RIGHTS, pidfd_getfd(2).
#pragma once

#include <string>
#include <string_view>

#include "mydocker/unique_fd.hpp"

namespace mydocker::sys {

// Connects to the stream socket at `path` and sends `text` with the descriptor `fd`. Throws
// std::system_error.
void send_descriptor(const std::string& path, int fd, std::string_view text);

// A copy of the descriptor `number` of the process behind `pidfd`. Throws std::system_error.
[[nodiscard]] UniqueFd copy_descriptor(int pidfd, int number);

// Closes every descriptor from `first` on.
void close_from(unsigned first);

}  // namespace mydocker::sys
