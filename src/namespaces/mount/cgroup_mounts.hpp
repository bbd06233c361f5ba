// A mount of the kind `cgroups`: whichever versions the host has, as the host arranges them.
#pragma once

#include "mydocker/plan.hpp"

namespace mydocker::mount {

// With a cgroup namespace of its own the container mounts fresh instances, whose root is its own
// cgroup. Without one that would show all of the host's: then nothing above its own is attached.
void plan_cgroup_mounts(const ContainerSpec& spec, const HostFacts& facts, const Mount& mount,
                        StagePlan& out);

}  // namespace mydocker::mount
