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
#include "namespaces/cgroup/folders.hpp"
#include "namespaces/cgroup/resources.hpp"
#include "namespaces/cgroup/systemd_driver.hpp"

namespace mydocker::cgroup {
namespace {

constexpr std::string_view kWhyJoined = "a view of the cgroups that is shared with others";

// The child is born in `folder`, or moves into it. True if nothing is left to do after clone.
bool enter(int version, const std::string& folder, Missing missing, StagePlan& out) {
  if (version == 2) {
    out.born_in = folder;
    return true;
  }
  enter_v1(folder, missing, out);
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
  if (request.driver == CgroupDriver::systemd) return plan_systemd(request, facts, out);
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
