// The cgroup of a container as a unit of systemd, on hosts where systemd owns the tree.
#pragma once

#include "mydocker/plan.hpp"

namespace mydocker::cgroup {

// As for the cgroupfs driver, but systemd makes the folder and moves the child into it, while the
// child waits; only then limits are written, and folders made in the hierarchies that systemd does
// not use. `request.path` is "slice:prefix:name". False: a cgroup namespace has to wait for that
// too. Throws SetupError where no systemd runs.
bool plan_systemd(const CgroupRequest& request, const HostFacts& facts, StagePlan& out);

// What these writes mean in systemd's words: it has to know, since whoever reloads it has it write
// again what it knows.
[[nodiscard]] UnitProperties unit_properties(const std::vector<Step>& steps);

}  // namespace mydocker::cgroup
