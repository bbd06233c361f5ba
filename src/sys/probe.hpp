// The program mydocker-probe (src/verify) as it was built, carried in this one.
#pragma once

#include <string>
#include <vector>

#include "mydocker/unique_fd.hpp"

namespace mydocker::sys {

// Its bytes (see carried.hpp) as a sealed file in memory, close-on-exec. Throws std::system_error.
[[nodiscard]] UniqueFd probe_in_memory();

// This process becomes the probe, with these words. Returns only by throwing std::system_error.
[[noreturn]] void become_probe(const std::vector<std::string>& words);

}  // namespace mydocker::sys
