// What may pass a port of a bridge, as a program for the kernel: classic BPF, which tc(8) runs for each
// frame. So nobody speaks in another's name, whatever he is root of. Pure.
#pragma once

#include <linux/filter.h>

#include <vector>

#include "mydocker/network.hpp"

namespace mydocker::frames {

// From the container that has `own`: IPv4 with its own two addresses as the sender's, to the bridge's
// hardware address alone. If it is open to others: to everybody, and ARP that says the truth.
[[nodiscard]] std::vector<sock_filter> from_container(const IpAddress& own,
                                                      const HardwareAddress& bridge, bool is_open);

// To the container: IPv4 from the bridge. If it is open to others: from everybody, and ARP.
[[nodiscard]] std::vector<sock_filter> to_container(const HardwareAddress& bridge, bool is_open);

}  // namespace mydocker::frames
