// Landlock: a process gives up for good what it may do with files. See landlock(7).
#pragma once

#include <cstdint>

#include "mydocker/unique_fd.hpp"

namespace mydocker::sys {

// The newest interface that the running kernel has; 0: it has no Landlock, or it is switched off.
[[nodiscard]] int landlock_abi();

// A set of rules that denies all of `handled` but what is granted, and abstract sockets made by
// others if asked to; throws std::system_error.
[[nodiscard]] UniqueFd make_ruleset(std::uint64_t handled, bool shuts_abstract_sockets);

// Grants `rights` for the folder `folder` and all below it; throws std::system_error.
void grant(int ruleset, int folder, std::uint64_t rights);

// The same for a folder or a file, which has fewer rights.
void grant_at(int ruleset, int place, std::uint64_t rights);

// Grants what is open as `fd`, if it is a file or a character device, in the way in which it is
// open, as far as that is among `handled`. Pipes and sockets need no rule, and a folder gets none.
void grant_open(int ruleset, int fd, std::uint64_t handled);

// Puts this process, and all that it will start, under the rules; throws std::system_error.
void restrict_self(int ruleset);

}  // namespace mydocker::sys
