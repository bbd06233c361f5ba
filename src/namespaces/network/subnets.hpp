// Which networks containers get their addresses of. Pure.
#pragma once

#include <string>

#include "mydocker/network.hpp"

namespace mydocker::network {

// What was asked for, or the first of ours that no route of the host leads to; those of other
// containers do not count. Throws SetupError if there is none, or the one that was asked for is in
// use.
[[nodiscard]] Subnet choose_subnet(const NetworkRequest& request, const NetworkFacts& facts,
                                   int family);

// Throws SetupError with `advice` if any route leads to a part of `subnet`.
void require_free(const Subnet& subnet, const NetworkFacts& facts, const std::string& advice);

}  // namespace mydocker::network
