// `--network nat`: a routed pair of interfaces, behind the host's address; and `original`, the one pair
// of the C program. Pure.
#pragma once

#include <string>
#include <string_view>

#include "mydocker/plan.hpp"

namespace mydocker::network {

// The outer end of a container's pair: 15 characters, the same for the same id.
[[nodiscard]] std::string link_name(std::string_view id);

// The network that containers get addresses of: what was asked for, or the first that no route of the
// host leads to. Throws SetupError if there is none, or the one that was asked for is in use.
[[nodiscard]] Subnet choose_subnet(const NetworkRequest& request, const NetworkFacts& facts);

void plan_nat(const ContainerSpec& spec, const HostFacts& facts, StagePlan& out);

}  // namespace mydocker::network
