// The connections that the kernel's address translation remembers, see conntrack(8).
#pragma once

#include <vector>

#include "mydocker/network.hpp"

namespace mydocker::sys {

// Forgets those from and to `address`, and those that came for one of `ports`. Throws
// std::system_error.
void forget_connections(const IpAddress& address, const std::vector<PublishedPort>& ports);

}  // namespace mydocker::sys
