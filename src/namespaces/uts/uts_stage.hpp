#pragma once

#include "mydocker/plan.hpp"

namespace mydocker::uts {

[[nodiscard]] StagePlan plan(const ContainerSpec& spec, const HostFacts& facts);

inline constexpr Stage stage{"uts", "a hostname of its own", "uts_namespaces(7)", plan};

}  // namespace mydocker::uts
