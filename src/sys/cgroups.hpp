// Cgroup hierarchies and folders: where they are mounted, made and removed. See cgroups(7).
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "mydocker/host_facts.hpp"

namespace mydocker::sys {

// The hierarchies that `mountinfo` (proc(5)) tells of, v1 controllers by their mount options. Pure.
[[nodiscard]] std::vector<CgroupHierarchy> parse_cgroup_mounts(std::string_view mountinfo);

// The layout of this host. `prefix` goes before every path, so that a test can show a tree of its
// own.
[[nodiscard]] CgroupLayout read_cgroup_layout(const std::string& prefix = "");

// mkdir of top/mydocker/id, again if a neighbour's end has just removed top/mydocker. On v2
// `controllers` are enabled from the top down. Throws std::system_error.
void make_cgroup(int version, const std::string& top, const std::string& id,
                 const std::vector<std::string>& controllers);

// Moves the processes of `top` into top/mydocker.leaf, so that `top` holds none and may enable
// controllers (the no-internal-process rule of v2). They stay there: what limits `top` limits them.
void move_to_leaf(const std::string& top);

// Kills what still runs in top/mydocker/id, removes that folder and, if they are empty,
// top/mydocker and the leaf. True if the folder is gone.
bool remove_cgroup(const std::string& top, const std::string& id);

}  // namespace mydocker::sys
