// What a service manager gives to a service, handed on to the container: sockets that listen
// already, and the socket that takes "READY=1". See sd_listen_fds(3), sd_notify(3).
#pragma once

#include "mydocker/spec.hpp"

namespace mydocker::oci {

// How many descriptors from 3 on are meant for this process by LISTEN_PID and LISTEN_FDS.
[[nodiscard]] unsigned listening_descriptors();

// Adds the variables, and the mount of the socket of NOTIFY_SOCKET. What config.json says counts
// more.
void hand_on_activation(ContainerSpec& spec);

}  // namespace mydocker::oci
