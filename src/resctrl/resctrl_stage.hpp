#pragma once

#include "mydocker/plan.hpp"

namespace mydocker::resctrl {

[[nodiscard]] StagePlan plan(const ContainerSpec& spec, const HostFacts& facts);

inline constexpr Stage stage{"resctrl", "a share of the processor's caches", "resctrl(7)", plan};

}  // namespace mydocker::resctrl
