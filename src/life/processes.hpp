// The processes of a container, as the host sees them; and tables.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "life/containers.hpp"

namespace mydocker::life {

// Of its PID namespace, by their numbers on the host; of an OCI container those of its cgroups. In
// ascending order.
[[nodiscard]] std::vector<pid_t> processes_of(const Places& places, const Container& container);

struct ProcessFacts {
  pid_t pid = 0, pid_inside = 0, parent = 0;
  uid_t user = 0;            // outside
  std::uint64_t cpu = 0;     // nanoseconds
  std::uint64_t memory = 0;  // bytes that are resident
  std::string command;       // its words, or its name
};

// Nothing if it has ended. See proc(5).
[[nodiscard]] std::optional<ProcessFacts> facts_of(pid_t pid);

// "PID COMMAND", a line each: as the OCI verb `ps` has it.
[[nodiscard]] std::string short_table(const std::vector<pid_t>& pids);

// Lines of cells, the first of them the headings, in columns.
[[nodiscard]] std::string table(const std::vector<std::vector<std::string>>& lines);

}  // namespace mydocker::life
