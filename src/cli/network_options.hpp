// --network and its companions, as values.
#pragma once

#include "cli/options.hpp"
#include "cli/to_spec.hpp"
#include "mydocker/spec.hpp"

namespace mydocker::cli {

// Fills spec.network and spec.namespaces.network. Throws UsageError.
void set_network(const NetworkOptions& options, const Surroundings& around, ContainerSpec& spec);

// With -U, in the network of another user namespace, sysfs cannot be mounted: the host's is shown,
// read-only, without what is mounted below it.
void share_sys(ContainerSpec& spec);

}  // namespace mydocker::cli
