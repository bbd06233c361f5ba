// What the systemd cgroup driver asks of systemd: a unit of its own for a container. See
// systemd.scope(5), systemd.resource-control(5).
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace mydocker {

// Which systemd is asked: the host's, or the one that each user who logs in has (without root).
enum class Systemd { of_system, of_user };

// Names and values, as mydocker-systemd takes them: {"MemoryMax", "1048576"}, {"AllowedCPUs",
// "0-3"}.
using UnitProperties = std::vector<std::pair<std::string, std::string>>;

}  // namespace mydocker
