// What containers have of bridges of the host, in the list of what is shared; taken back.
#pragma once

#include <string>

#include "runtime/shared_uses.hpp"

namespace mydocker {

// The names of a bridge that MyDocker has made, and of an address on a bridge, which is in the words
// beside it.
[[nodiscard]] std::string bridge_use(const std::string& bridge);
[[nodiscard]] std::string port_use(const std::string& bridge);

// What `id` has of it: the host's knowledge of who has its address; the bridge, if `id` is the last on
// it. Throws std::system_error.
void take_back_bridge(SharedUses& uses, const std::string& bridge, const std::string& id);

// The same for a line of the list, if it is one of these.
void take_back_bridge_use(SharedUses& uses, const SharedUses::Use& use);

}  // namespace mydocker
