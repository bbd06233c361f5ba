// A container's state as JSON: what is kept on the disk, and what `state`, `list` and hooks tell.
#pragma once

#include <string>
#include <string_view>

#include "oci/store.hpp"

namespace mydocker::oci {

// For the disk. Read back, an older or newer one's unknown members are passed over and missing ones
// have their defaults. Throws Failure if it is no state at all, and for one that MyDocker would not
// have written: what it names is killed and removed.
[[nodiscard]] std::string to_json(const State& state);
[[nodiscard]] State state_from_json(std::string_view text);

// The state of the OCI runtime specification; `pid` 0 is left out.
[[nodiscard]] std::string spec_state_json(const State& state, std::string_view status, pid_t pid);

// The same with what runc's `state` and `list` say besides. Pretty where people read it.
[[nodiscard]] std::string runtime_state_json(const State& state, std::string_view status, pid_t pid,
                                             bool pretty);

// The process state that a seccomp listener is told with its descriptor.
[[nodiscard]] std::string listener_state_json(const State& state, std::string_view metadata,
                                              pid_t pid);

}  // namespace mydocker::oci
