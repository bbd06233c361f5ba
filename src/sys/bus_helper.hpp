// The program mydocker-systemd (src/systemd) as it was built, carried in this one.
#pragma once

#include <string_view>

namespace mydocker::sys {

// Its bytes; empty where MyDocker was built without libsystemd.
[[nodiscard]] std::string_view bus_helper();

}  // namespace mydocker::sys
