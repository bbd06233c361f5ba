// Capability sets, by libcap. See capabilities(7), cap_get_proc(3).
#pragma once

#include <vector>

#include "mydocker/spec.hpp"

namespace mydocker::sys {

// The highest capability of the running kernel.
[[nodiscard]] int last_capability();

// Whether this process holds it in its effective set.
[[nodiscard]] bool has_capability(int capability);

// Whether the file of this program gave it powers that its caller lacks: it is set-user-ID,
// set-group-ID, or has capabilities of its own. See AT_SECURE in getauxval(3).
[[nodiscard]] bool has_power_of_file();

// Takes each from the bounding set, for good; throws std::system_error.
void drop_bounding(const std::vector<int>& capabilities);

// What this process may give on: its permitted set.
[[nodiscard]] std::vector<int> permitted_capabilities();

// Sets all sets but the bounding one; `until_exec` becomes effective and permitted besides. Throws
// std::system_error.
void set_capabilities(const CapabilitySets& sets, const std::vector<int>& until_exec);

}  // namespace mydocker::sys
