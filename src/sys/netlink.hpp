// Requests to the kernel's network by rtnetlink(7), as bytes.
#pragma once

#include <string>

namespace mydocker::sys {

// Moves the link `name` into the network namespace behind `network` and calls it `name_inside`
// there. Its addresses of global scope that hold for ever go with it, and it is up there. Throws
// std::system_error.
void move_link(const std::string& name, int network, const std::string& name_inside);

}  // namespace mydocker::sys
