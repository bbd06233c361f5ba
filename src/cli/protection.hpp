// The options that make a container weaker or stronger than it is by itself: capabilities, settings
// of the kernel, descriptors, paths.
#pragma once

#include "cli/to_spec.hpp"

namespace mydocker::cli {

// Fills in what --cap-add, --cap-drop, --sysctl, --keep-fd, --landlock-ro and --landlock-rw say; user
// and namespaces of `spec` are known already. Throws UsageError.
void protect(const Options& options, const Surroundings& around, ContainerSpec& spec);

}  // namespace mydocker::cli
