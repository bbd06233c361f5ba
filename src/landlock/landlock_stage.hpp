#pragma once

#include "mydocker/plan.hpp"

namespace mydocker::landlock {

[[nodiscard]] StagePlan plan(const ContainerSpec& spec, const HostFacts& facts);

inline constexpr Stage stage{"landlock", "a seal around the root", "landlock(7)", plan};

}  // namespace mydocker::landlock
