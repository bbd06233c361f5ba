#pragma once

#include "mydocker/plan.hpp"

namespace mydocker::seccomp {

[[nodiscard]] StagePlan plan(const ContainerSpec& spec, const HostFacts& facts);

inline constexpr Stage stage{"seccomp", "a filter on every system call", "seccomp(2)", plan};

}  // namespace mydocker::seccomp
