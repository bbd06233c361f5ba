#pragma once

#include "mydocker/plan.hpp"

namespace mydocker::capabilities {

[[nodiscard]] StagePlan plan(const ContainerSpec& spec, const HostFacts& facts);

inline constexpr Stage stage{"capabilities", "root's power, most of it taken away",
                             "capabilities(7)", plan};

}  // namespace mydocker::capabilities
