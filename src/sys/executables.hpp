// Whether a file can be executed, asked before execve so that the answer can be told well.
#pragma once

#include <string>
#include <string_view>

namespace mydocker::sys {

struct Executable {
  std::string file;
  bool is_32_bit = false;  // a program of 32 bits for this machine, or a script for one
};

// The file that `name` means: itself if it holds a slash, else the first in `path` (as PATH) that
// can be executed. Throws std::system_error: ENOENT (no such file), EISDIR, EACCES (not
// executable), ELOOP (links in a circle, or one of those that /proc makes),
// ENOEXEC (neither a program for this machine nor a script), ELIBBAD (its interpreter is missing).
[[nodiscard]] Executable find_executable(std::string_view name, std::string_view path);

}  // namespace mydocker::sys
