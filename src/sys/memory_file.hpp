// Programs that are files in memory: nobody else has a name for them. See memfd_create(2).
#pragma once

#include "mydocker/unique_fd.hpp"

namespace mydocker::sys {

// A new empty one, close-on-exec, which may be executed and sealed. /proc/PID/exe of who runs it
// is "/memfd:NAME (deleted)". Throws std::system_error.
[[nodiscard]] UniqueFd executable_memory(const char* name);

// Nobody, not even its owner, can change it any more. Throws std::system_error.
void seal(int memory);

}  // namespace mydocker::sys
