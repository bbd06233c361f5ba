// A root of layers: the folders of an image over each other, and on top of them one to write to.
#pragma once

#include "mydocker/plan.hpp"

namespace mydocker::mount {

// Adds the requests that make the root's tree of `spec.root.layers`, in the child, of trees that the
// host has opened; with a user namespace ID-mapped too. Without root the child opens them itself.
void plan_layers(const ContainerSpec& spec, const HostFacts& facts, StagePlan& out);

}  // namespace mydocker::mount
