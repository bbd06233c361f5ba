#pragma once

#include "mydocker/plan.hpp"

namespace mydocker::time_namespace {

[[nodiscard]] StagePlan plan(const ContainerSpec& spec, const HostFacts& facts);

inline constexpr Stage stage{"time", "clocks with offsets of their own", "time_namespaces(7)",
                             plan};

}  // namespace mydocker::time_namespace
