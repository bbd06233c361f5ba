#pragma once

#include "mydocker/plan.hpp"

namespace mydocker::mount {

[[nodiscard]] StagePlan plan(const ContainerSpec& spec, const HostFacts& facts);

inline constexpr Stage stage{"mount", "a file system tree of its own, by pivot_root",
                             "mount_namespaces(7)", plan};

}  // namespace mydocker::mount
