// The root and the bind mounts as detached trees: which are opened, with which attributes, when.
#pragma once

#include "mydocker/plan.hpp"

namespace mydocker::mount {

// Adds the requests that open the trees and set their attributes: on the host before clone, or
// while the child waits where its user namespace is needed; or in the child where MyDocker itself
// may not copy mounts (without root).
void plan_trees(const ContainerSpec& spec, const HostFacts& facts, StagePlan& out);

}  // namespace mydocker::mount
