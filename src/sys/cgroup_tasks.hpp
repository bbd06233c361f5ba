// What runs in a cgroup: who it is, stopped and started again, signalled. See cgroups(7).
#pragma once

#include <sys/types.h>

#include <string>
#include <string_view>
#include <vector>

#include "mydocker/host_facts.hpp"

namespace mydocker::sys {

// The folder that freezes `path`: v1's freezer if this host has it, else v2's; empty if neither.
// On v1 it is also where all processes of a container are to be found, as in any other hierarchy.
[[nodiscard]] std::string freezer_folder(const CgroupLayout& layout, std::string_view path);

// The folders that `file`, in the words of /proc/PID/cgroup, tells of. Pure.
[[nodiscard]] std::vector<std::string> parse_cgroup_folders(std::string_view file,
                                                            const CgroupLayout& layout);

// The folders that process `pid` is in, one a hierarchy, absolute; from /proc/PID/cgroup.
[[nodiscard]] std::vector<std::string> cgroup_folders_of(pid_t pid, const CgroupLayout& layout);

// Those in `folder` and below, in ascending order; empty if there is no such folder.
[[nodiscard]] std::vector<pid_t> processes_in(const std::string& folder);

// Stops all in `folder` and below, and returns when they have stopped. Throws std::system_error:
// EBUSY if they do not stop within ten seconds, and then they run again.
void freeze(const std::string& folder);
void thaw(const std::string& folder);
[[nodiscard]] bool is_frozen(const std::string& folder);

// Sends `signal` to all in `folder` and below. They are frozen meanwhile, if `folder` can do that,
// so that none escapes by forking. One that is frozen already stays so, but for SIGKILL: a frozen
// task of v1 does not die before it is thawed.
void signal_all(const std::string& folder, int signal);

}  // namespace mydocker::sys
