// `--network cni:NAME`: other people's programs make the container's network. Pure.
#pragma once

#include "mydocker/plan.hpp"

namespace mydocker::network {

void plan_cni(const ContainerSpec& spec, const HostFacts& facts, StagePlan& out);

}  // namespace mydocker::network
