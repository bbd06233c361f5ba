// The one place where a negative result becomes an exception.
#pragma once

#include <cerrno>
#include <system_error>

#include "mydocker/unique_fd.hpp"

namespace mydocker::sys {

// Throws std::system_error with `error` and the name of the system call.
[[noreturn]] inline void fail(int error, const char* call) {
  throw std::system_error(error, std::generic_category(), call);
}

// The result of a system call, or std::system_error with errno and its name if that is negative.
inline long check(long result, const char* call) {
  if (result < 0) fail(errno, call);
  return result;
}

// The same for a call that gives a descriptor, which is owned from here on.
[[nodiscard]] inline UniqueFd check_fd(long result, const char* call) {
  return UniqueFd(static_cast<int>(check(result, call)));
}

}  // namespace mydocker::sys
