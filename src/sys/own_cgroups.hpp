// The cgroups that an ordinary user may write to: those that were delegated to him. See cgroups(7).
#pragma once

#include <string>

#include "mydocker/host_facts.hpp"

namespace mydocker::sys {

// Of `layout` the hierarchies that may be written to: at their top, or else at the cgroup that this
// process is in, which is their top then. `prefix` stands before /proc in tests.
[[nodiscard]] CgroupLayout own_part_of(CgroupLayout layout, const std::string& prefix = "");

// All that this process may use: the whole layout for root, else the own part.
[[nodiscard]] CgroupLayout own_cgroup_layout();

}  // namespace mydocker::sys
