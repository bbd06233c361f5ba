// The processes of a container, as the host sees them; and tables.
#pragma once

#include <sys/types.h>

#include <string>
#include <vector>

#include "life/containers.hpp"

namespace mydocker::life {

// Of its PID namespace, by their numbers on the host; of an OCI container those of its cgroups. In
// ascending order.
[[nodiscard]] std::vector<pid_t> processes_of(const Places& places, const Container& container);

// "PID COMMAND", a line each: as the OCI verb `ps` has it.
[[nodiscard]] std::string short_table(const std::vector<pid_t>& pids);

// Lines of cells, the first of them the headings, in columns.
[[nodiscard]] std::string table(const std::vector<std::vector<std::string>>& lines);

}  // namespace mydocker::life
