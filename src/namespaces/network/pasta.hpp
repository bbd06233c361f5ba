// `--network pasta`: a program of the host's speaks for the container, by sockets as any other. Pure.
#pragma once

#include "mydocker/plan.hpp"

namespace mydocker::network {

void plan_pasta(const ContainerSpec& spec, const HostFacts& facts, StagePlan& out);

}  // namespace mydocker::network
