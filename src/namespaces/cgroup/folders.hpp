// The folders of a container, whoever makes them: what both drivers have in common.
#pragma once

#include <string>
#include <vector>

#include "mydocker/plan.hpp"
#include "namespaces/cgroup/resources.hpp"

namespace mydocker::cgroup {

using Hierarchies = std::vector<const CgroupHierarchy*>;

// Each hierarchy once, wherever else it is mounted too.
[[nodiscard]] Hierarchies distinct(const CgroupLayout& layout);

// Adds the requests that make them, with what takes them back, to `out.prepare`; gives where.
Hierarchies make_folders(const CgroupRequest& request, const CgroupLayout& layout,
                         const std::vector<Orders::Used>& all_used, StagePlan& out);

// The child's first step, on v1: it moves itself into `folder`.
void enter_v1(const std::string& folder, Missing missing, StagePlan& out);

}  // namespace mydocker::cgroup
