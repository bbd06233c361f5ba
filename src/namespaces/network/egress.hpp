// `--egress` where no other rules are needed. Pure.
#pragma once

#include "mydocker/plan.hpp"

namespace mydocker::network {

void plan_egress(const ContainerSpec& spec, const HostFacts& facts, StagePlan& out);

}  // namespace mydocker::network
