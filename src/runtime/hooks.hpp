// Programs of the caller's at certain points of a container's life.
#pragma once

#include <string>
#include <string_view>

#include "mydocker/hook.hpp"

namespace mydocker {

// Runs `hook` in the working directory `folder`, with `state` on its standard input, and waits for
// it. Throws SetupError if it cannot be run, fails, or takes longer than its timeout; what it wrote
// is part of the message then. See the OCI runtime specification, "POSIX-platform Hooks".
void run_hook(const Hook& hook, std::string_view point, const std::string& state,
              const std::string& folder);

}  // namespace mydocker
