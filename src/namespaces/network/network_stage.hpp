#pragma once

#include "mydocker/plan.hpp"

namespace mydocker::network {

[[nodiscard]] StagePlan plan(const ContainerSpec& spec, const HostFacts& facts);

inline constexpr Stage stage{"network", "interfaces, addresses, ports of its own",
                             "network_namespaces(7)", plan};

}  // namespace mydocker::network
