// `--network bridge:NAME`: a port of a bridge of the host, which is locked to the container's own
// addresses. Pure.
#pragma once

#include "mydocker/plan.hpp"

namespace mydocker::network {

// Throws SetupError for a bridge that cannot be used, and a subnet that is none of its.
void plan_bridge(const ContainerSpec& spec, const HostFacts& facts, StagePlan& out);

}  // namespace mydocker::network
