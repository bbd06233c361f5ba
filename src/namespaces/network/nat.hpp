// `--network nat`: a routed pair of interfaces, behind the host's address; and `original`, the one pair
// of the C program. Pure.
#pragma once

#include <string>
#include <string_view>

#include "mydocker/plan.hpp"

namespace mydocker::network {

// The outer end of a container's pair: 15 characters, the same for the same id.
[[nodiscard]] std::string link_name(std::string_view id);

void plan_nat(const ContainerSpec& spec, const HostFacts& facts, StagePlan& out);

}  // namespace mydocker::network
