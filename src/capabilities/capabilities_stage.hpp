#pragma once

#include "mydocker/plan.hpp"

namespace mydocker::capabilities {

[[nodiscard]] StagePlan plan(const ContainerSpec& spec, const HostFacts& facts);

// The capabilities that the container's root keeps: all that the original did not drop, without
// NET_RAW.
// An allowlist, so that what a newer kernel adds is dropped without being known here.
[[nodiscard]] const std::vector<int>& kept();

inline constexpr Stage stage{"capabilities", "root's power, most of it taken away",
                             "capabilities(7)", plan};

}  // namespace mydocker::capabilities
