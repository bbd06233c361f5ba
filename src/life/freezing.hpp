// All processes of a container stopped at once, and started again: the freezer of its cgroup.
#pragma once

#include "life/containers.hpp"

namespace mydocker::life {

// Returns when all have stopped. Throws UsageError if the container has no cgroup, std::system_error if
// they do not stop.
void freeze(const Container& container);

// Lets all go on, if they are frozen.
void thaw(const Container& container);

}  // namespace mydocker::life
