#pragma once

#include "mydocker/plan.hpp"

namespace mydocker::user {

[[nodiscard]] StagePlan plan(const ContainerSpec& spec, const HostFacts& facts);

inline constexpr Stage stage{"user", "root inside, nobody outside", "user_namespaces(7)", plan};

}  // namespace mydocker::user
