// Capability sets, by libcap. See capabilities(7), cap_get_proc(3).
#pragma once

#include <vector>

namespace mydocker::sys {

// The highest capability of the running kernel.
[[nodiscard]] int last_capability();

// Whether this process holds it in its effective set.
[[nodiscard]] bool has_capability(int capability);

// Takes each from the bounding set, for good; throws std::system_error.
void drop_bounding(const std::vector<int>& capabilities);

// Empties the ambient and inheritable sets and leaves `kept` in permitted and effective.
void set_capabilities(const std::vector<int>& kept);

}  // namespace mydocker::sys
