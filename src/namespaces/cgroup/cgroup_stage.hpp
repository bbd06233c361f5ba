#pragma once

#include "mydocker/plan.hpp"

namespace mydocker::cgroup {

[[nodiscard]] StagePlan plan(const ContainerSpec& spec, const HostFacts& facts);

inline constexpr Stage stage{"cgroup", "limits, and a view of its own cgroup as the root",
                             "cgroups(7)", plan};

// New limits for a container that runs: `prepare` and `notices` alone. Of `request` only what is
// given is written; `facts` are those of a spec with this request, so that the order of the writes
// suits what is set now. Throws SetupError.
[[nodiscard]] StagePlan plan_update(const CgroupRequest& request, const HostFacts& facts);

}  // namespace mydocker::cgroup
