#pragma once

#include "mydocker/plan.hpp"

namespace mydocker::sysctl {

[[nodiscard]] StagePlan plan(const ContainerSpec& spec, const HostFacts& facts);

inline constexpr Stage stage{"sysctl", "kernel settings of its own", "sysctl(8)", plan};

}  // namespace mydocker::sysctl
