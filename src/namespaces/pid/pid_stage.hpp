#pragma once

#include "mydocker/plan.hpp"

namespace mydocker::pid {

[[nodiscard]] StagePlan plan(const ContainerSpec& spec, const HostFacts& facts);

inline constexpr Stage stage{"pid", "process numbers of its own, and a PID 1", "pid_namespaces(7)",
                             plan};

}  // namespace mydocker::pid
