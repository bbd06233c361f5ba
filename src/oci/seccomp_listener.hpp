// The agent that answers for system calls whose verdict is SCMP_ACT_NOTIFY.
#pragma once

#include <functional>

#include "mydocker/spec.hpp"
#include "mydocker/unique_fd.hpp"
#include "oci/store.hpp"

namespace mydocker::oci {

// Passes a listener's descriptor, of the process `pid`, to the socket that the profile names; empty
// if it names none. See the OCI runtime specification, "The Container Process State".
[[nodiscard]] std::function<void(UniqueFd listener, pid_t pid)> listener_of(
    const SeccompChoice& seccomp, const State& state);

}  // namespace mydocker::oci
