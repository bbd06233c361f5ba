#include "namespaces/cgroup/folders.hpp"

#include <algorithm>

#include "helpers/text.hpp"

namespace mydocker::cgroup {
namespace {

constexpr std::string_view kWhyFolder =
    "one folder a container; the kernel counts and limits all that is inside";
// Written by the host, cgroup.procs takes a lock that waits for an RCU grace period, 7 to 26 ms of
// a start; a thread that moves itself needs none.
constexpr std::string_view kWhyMove =
    "v1 has no CLONE_INTO_CGROUP: the child's first step is to move itself";
// "/a//b/./c/" as "a/b/c".
std::string plain(const std::string& path) {
  std::vector<std::string> parts;
  for (const auto part : text::split(path, '/')) {
    if (!part.empty() && part != ".") parts.emplace_back(part);
  }
  return text::join(parts, "/");
}

// What is to be had in `hierarchy`: needed, and wished for where every hierarchy gets a folder.
MakeCgroup folder_of(const CgroupHierarchy& hierarchy, const CgroupRequest& request,
                     const std::vector<std::string>& used) {
  MakeCgroup out{hierarchy.version,        hierarchy.mount_point,  plain(request.path), {}, {},
                 hierarchy.leave_for_leaf, request.every_hierarchy};
  const auto holds = [](const std::vector<std::string>& list, std::string_view name) {
    return std::find(list.begin(), list.end(), name) != list.end();
  };
  if (hierarchy.version == 2) {
    out.controllers = used;
    for (const auto& each : hierarchy.controllers) {
      if (request.every_hierarchy && !holds(used, each)) out.wished.push_back(each);
    }
  } else if (holds(hierarchy.controllers, "cpuset")) {
    out.controllers = {"cpuset"};  // a new folder of it has no processors until it gets some
  }
  return out;
}

}  // namespace

Hierarchies distinct(const CgroupLayout& layout) {
  Hierarchies out;
  for (const auto& hierarchy : layout.hierarchies) {
    const bool is_known = std::any_of(out.begin(), out.end(), [&](const auto* other) {
      return other->version == hierarchy.version &&
             (hierarchy.version == 2 ||
              (other->controllers == hierarchy.controllers && other->name == hierarchy.name));
    });
    if (!is_known) out.push_back(&hierarchy);
  }
  return out;
}

Hierarchies make_folders(const CgroupRequest& request, const CgroupLayout& layout,
                         const std::vector<Orders::Used>& all_used, StagePlan& out) {
  Hierarchies made;
  for (const auto* const hierarchy : distinct(layout)) {
    std::vector<std::string> used;
    bool is_used = request.every_hierarchy;
    for (const auto& use : all_used) {
      if (use.where != hierarchy) continue;
      is_used = true;
      if (!use.controller.empty()) used.emplace_back(use.controller);
    }
    if (!is_used) continue;
    made.push_back(hierarchy);
    out.prepare.push_back({folder_of(*hierarchy, request, used),
                           kWhyFolder,
                           {RemoveCgroup{hierarchy->mount_point, plain(request.path)}},
                           {}});
  }
  return made;
}

void enter_v1(const std::string& folder, Missing missing, StagePlan& out) {
  out.enter.push_back({WriteFile{folder + "/tasks", "0", missing}, kWhyMove, {}, {}});
}

}  // namespace mydocker::cgroup
