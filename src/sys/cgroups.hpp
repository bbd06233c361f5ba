// Cgroup hierarchies and folders: where they are mounted, made and removed. See cgroups(7).
#pragma once

#include <sys/types.h>

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

// Where processes go that keep a cgroup of v2 from having limited ones below it.
inline constexpr std::string_view kLeaf = "/mydocker.leaf";

// Of a hierarchy of v2: its controllers at its top, and whether processes keep that from having limited
// ones below.
void read_controllers(CgroupHierarchy& hierarchy);

// How a folder is made.
struct NewCgroup {
  std::vector<std::string> controllers;  // v2: enabled from the top down; v1: cpuset is filled
  std::vector<std::string> wished;       // v2: the same, as far as the kernel lets us
  bool may_exist = false;                // a folder of that name without processes is taken over
  bool may_hold_processes = false;       // and one with processes too
};

// mkdir of top/path and what is missing above it, again if a neighbour's end has just removed that.
// Throws std::system_error.
void make_cgroup(int version, const std::string& top, const std::string& path,
                 const NewCgroup& how);

// Moves the processes of `top` into top/mydocker.leaf, so that `top` holds none and may enable
// controllers (the no-internal-process rule of v2). They stay there: what limits `top` limits them.
void move_to_leaf(const std::string& top);

// Kills what still runs in top/path and below, removes that folder and, if they are ours and empty,
// the one above and the leaf. True if the folder is gone.
bool remove_cgroup(const std::string& top, const std::string& path);

// The same in every hierarchy of `layout`. What is frozen is thawed to die, which remove_cgroup()
// alone cannot do on v1, where another hierarchy holds it frozen.
bool remove_cgroups(const CgroupLayout& layout, const std::string& path);

// chown of a v2 folder, and of those of its files that may be handed on: see "Delegation" in
// Documentation/admin-guide/cgroup-v2.rst. Throws std::system_error.
void give_cgroup(const std::string& folder, uid_t owner);

}  // namespace mydocker::sys
