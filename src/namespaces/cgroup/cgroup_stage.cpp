// Kernel idea   a folder of /sys/fs/cgroup holds processes and what they may use together.
// We ask        a folder per hierarchy, limits written into it, the child born in it (v2) or moved
//               into it (v1); CLONE_NEWCGROUP, so that this folder looks like the root from inside.
// Order         limits before the first process: none ever runs outside them.
// If it fails   a limit is a promise, so that is an error; a weight is advice, so that is a
//               warning.
// Man page      cgroups(7), cgroup_namespaces(7)
#include "namespaces/cgroup/cgroup_stage.hpp"

#include <linux/sched.h>

#include <algorithm>
#include <iterator>
#include <optional>

#include "helpers/text.hpp"
#include "namespaces/cgroup/resources.hpp"

namespace mydocker::cgroup {
namespace {

constexpr std::string_view kWhyFolder =
    "one folder a container; the kernel counts and limits all that is inside";
// Written by the host, cgroup.procs takes a lock that waits for an RCU grace period, 7 to 26 ms of
// a start; a thread that moves itself needs none.
constexpr std::string_view kWhyMove =
    "v1 has no CLONE_INTO_CGROUP: the child's first step is to move itself";
constexpr std::string_view kWhyJoined = "a view of the cgroups that is shared with others";

using Hierarchies = std::vector<const CgroupHierarchy*>;

// "/a//b/./c/" as "a/b/c".
std::string plain(const std::string& path) {
  std::vector<std::string> parts;
  for (const auto part : text::split(path, '/')) {
    if (!part.empty() && part != ".") parts.emplace_back(part);
  }
  return text::join(parts, "/");
}

// Each hierarchy once, wherever else it is mounted too.
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

Hierarchies make_folders(const CgroupRequest& request, const CgroupLayout& layout,
                         const std::vector<Orders::Used>& all_used, StagePlan& out) {
  Hierarchies made;
  for (const auto* const hierarchy : distinct(layout)) {
    std::vector<std::string> used;
    for (const auto& use : all_used) {
      if (use.where == hierarchy) used.emplace_back(use.controller);
    }
    if (used.empty() && !request.every_hierarchy) continue;
    made.push_back(hierarchy);
    out.prepare.push_back({folder_of(*hierarchy, request, used),
                           kWhyFolder,
                           {RemoveCgroup{hierarchy->mount_point, plain(request.path)}},
                           {}});
  }
  return made;
}

// The child is born in `folder`, or moves into it. True if nothing is left to do after clone.
bool enter(int version, const std::string& folder, Missing missing, StagePlan& out) {
  if (version == 2) {
    out.born_in = folder;
    return true;
  }
  out.enter.push_back({WriteFile{folder + "/tasks", "0", missing}, kWhyMove, {}, {}});
  return false;
}

int version_of(const std::string& folder, const CgroupLayout& layout) {
  const CgroupHierarchy* nearest = nullptr;
  for (const auto& hierarchy : layout.hierarchies) {
    const bool is_above =
        folder == hierarchy.mount_point || folder.starts_with(hierarchy.mount_point + "/");
    if (is_above &&
        (nearest == nullptr || hierarchy.mount_point.size() > nearest->mount_point.size()))
      nearest = &hierarchy;
  }
  return nearest == nullptr ? 1 : nearest->version;
}

// Into the cgroup of a container that runs: a folder that it lacks is passed over.
bool join(const CgroupRequest& request, const CgroupLayout& layout, StagePlan& out) {
  bool only_v2 = true;
  if (request.joined_folders.empty()) {
    for (const auto* const hierarchy : distinct(layout)) {
      only_v2 &=
          enter(hierarchy->version, cgroup_folder(*hierarchy, request.path), Missing::is_fine, out);
    }
  }
  for (const auto& folder : request.joined_folders)
    only_v2 &= enter(version_of(folder, layout), folder, Missing::is_fine, out);
  return only_v2;
}

// Who the container's user is outside; nothing if it has no id there.
std::optional<uid_t> owner_outside(const ContainerSpec& spec) {
  const uid_t inside = spec.process.user.uid;
  if (spec.namespaces.user.is_inherited()) return inside;
  for (const auto& range : spec.uid_map) {
    if (inside >= range.inside && inside - range.inside < range.count)
      return range.outside + (inside - range.inside);
  }
  return std::nullopt;
}

// Whoever sees this folder as the root of all cgroups, and may write there, is its owner. Of v2
// alone: v1's limits could be evaded so.
void give(const ContainerSpec& spec, const Hierarchies& made, StagePlan& out) {
  const auto is_writable = [](const Mount& mount) {
    return mount.kind == MountKind::cgroups && mount.target == "/sys/fs/cgroup" &&
           !mount.set.read_only;
  };
  const auto owner = owner_outside(spec);
  if (!spec.cgroup->every_hierarchy || !spec.namespaces.cgroup.is_new() || owner.value_or(0) == 0 ||
      std::none_of(spec.mounts.begin(), spec.mounts.end(), is_writable))
    return;
  for (const auto* const hierarchy : made) {
    if (hierarchy->version != 2) continue;
    out.prepare.push_back({GiveCgroup{cgroup_folder(*hierarchy, spec.cgroup->path), *owner},
                           "its user may make cgroups of its own in it, and loosen no limit",
                           {},
                           {}});
  }
}

bool make(const ContainerSpec& spec, const HostFacts& facts, StagePlan& out) {
  const CgroupRequest& request = *spec.cgroup;
  Orders orders = orders_for(request, facts);
  const Hierarchies made = make_folders(request, facts.cgroups, orders.used, out);
  std::move(orders.steps.begin(), orders.steps.end(), std::back_inserter(out.prepare));
  out.notices = std::move(orders.notices);
  give(spec, made, out);
  bool only_v2 = true;
  for (const auto* const hierarchy : made) {
    only_v2 &= enter(hierarchy->version, cgroup_folder(*hierarchy, request.path),
                     Missing::is_an_error, out);
  }
  return only_v2;
}

void use_namespace(const NamespaceUse& use, bool only_v2, StagePlan& out) {
  if (use.is_joined()) {
    out.prepare.push_back({OpenNamespace{CLONE_NEWCGROUP, use.path}, kWhyJoined, {}, {}});
    out.enter.push_back({JoinNamespaces{CLONE_NEWCGROUP}, kWhyJoined, {}, {}});
  } else if (use.is_new() && only_v2) {
    out.clone_flags = CLONE_NEWCGROUP;
  } else if (use.is_new()) {
    out.enter.push_back(
        {Unshare{CLONE_NEWCGROUP},
         "after the move: the namespace's root is where its maker is at that moment",
         {},
         {}});
  }
}

}  // namespace

StagePlan plan(const ContainerSpec& spec, const HostFacts& facts) {
  StagePlan out;
  bool only_v2 = true;
  if (spec.cgroup) {
    only_v2 = spec.cgroup->join_existing ? join(*spec.cgroup, facts.cgroups, out)
                                         : make(spec, facts, out);
  }
  use_namespace(spec.namespaces.cgroup, only_v2, out);
  return out;
}

StagePlan plan_update(const CgroupRequest& request, const HostFacts& facts) {
  Orders orders = orders_for(request, facts);
  StagePlan out;
  out.prepare = std::move(orders.steps);
  for (auto& step : out.prepare) step.stage = stage.name;
  out.notices = std::move(orders.notices);
  return out;
}

}  // namespace mydocker::cgroup
