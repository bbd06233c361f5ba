// A process's network and a bridge of the host, connected by a pair of links; and taken apart.
#pragma once

#include <sys/types.h>

#include "mydocker/network.hpp"

namespace mydocker::netsetgo {

// Makes the bridge, unless an earlier call has, and a pair from it into the network of `process`,
// which gets an address and the way out. Returns the address. Throws SetupError; then all that it
// made is gone again.
IpAddress connect(pid_t process);

// Removes that pair, also of a process that has ended, and the bridge with the last one. Throws
// SetupError, also where there is nothing to remove.
void disconnect(pid_t process);

}  // namespace mydocker::netsetgo
