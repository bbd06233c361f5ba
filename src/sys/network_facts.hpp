#pragma once

#include "mydocker/network.hpp"

namespace mydocker::sys {

// What the host's network offers to a container that asks for `request`. Throws std::system_error.
[[nodiscard]] NetworkFacts read_network_facts(const NetworkRequest& request);

}  // namespace mydocker::sys
