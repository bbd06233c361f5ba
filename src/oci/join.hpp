// The spec of a process that joins a container which runs already: what `exec` performs.
#pragma once

#include "oci/config/load.hpp"
#include "oci/store.hpp"

namespace mydocker::oci {

// From the container's own configuration and the process that is asked for: the same namespaces, as
// paths of its first process, the same cgroups, filter and user namespace; nothing is made anew.
[[nodiscard]] ContainerSpec joining_spec(const LoadedConfig& config, Process process,
                                         const State& state, pid_t init);

}  // namespace mydocker::oci
