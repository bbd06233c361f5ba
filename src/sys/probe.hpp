// The program mydocker-probe (src/verify) as it was built, carried in this one.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "mydocker/unique_fd.hpp"

namespace mydocker::sys {

// Its bytes.
[[nodiscard]] std::string_view probe();

// The same as a sealed file in memory, close-on-exec. Throws std::system_error.
[[nodiscard]] UniqueFd probe_in_memory();

// This process becomes the probe, with these words. Returns only by throwing std::system_error.
[[noreturn]] void become_probe(const std::vector<std::string>& words);

}  // namespace mydocker::sys
