// This program run from a sealed copy of itself in memory: whoever shares namespaces with it cannot
// reach, let alone overwrite, its file on the host. See memfd_create(2), fcntl(2) F_ADD_SEALS.
#pragma once

#include <span>

namespace mydocker::sys {

// Whether this process runs from such a copy.
[[nodiscard]] bool is_sealed_copy();

// Becomes one, with the same words, environment and descriptors. Returns only by throwing
// std::system_error.
[[noreturn]] void become_sealed_copy(std::span<const char* const> words);

// Whether the file of this process is read-only by the mount that it is run from.
[[nodiscard]] bool is_read_only();

// Makes it so, by a mount of its own: nothing is copied, so it is quicker than the above. Who gets
// hold of it can read it, and no more. Needs CAP_SYS_ADMIN. Returns only by throwing
// std::system_error.
[[noreturn]] void become_read_only(std::span<const char* const> words);

}  // namespace mydocker::sys
