#pragma once

#include "mydocker/plan.hpp"

namespace mydocker::cgroup {

[[nodiscard]] StagePlan plan(const ContainerSpec& spec, const HostFacts& facts);

inline constexpr Stage stage{"cgroup", "limits, and a view of its own cgroup as the root",
                             "cgroups(7)", plan};

}  // namespace mydocker::cgroup
