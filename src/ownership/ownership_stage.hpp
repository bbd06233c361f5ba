#pragma once

#include "mydocker/plan.hpp"

namespace mydocker::ownership {

[[nodiscard]] StagePlan plan(const ContainerSpec& spec, const HostFacts& facts);

inline constexpr Stage stage{"ownership", "who cleans up, whatever happens", "flock(2)", plan};

}  // namespace mydocker::ownership
