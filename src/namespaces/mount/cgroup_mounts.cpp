#include "namespaces/mount/cgroup_mounts.hpp"

namespace mydocker::mount {
namespace {

constexpr std::string_view kWhy = "the container sees its own limits and counters";

std::string name_of(const CgroupHierarchy& hierarchy) {
  return hierarchy.mount_point.substr(hierarchy.mount_point.rfind('/') + 1);
}

MountFileSystem instance_of(const CgroupHierarchy& hierarchy, std::string target,
                            const Mount& mount) {
  MountFileSystem out{hierarchy.version == 2 ? "cgroup2" : "cgroup", std::move(target), mount.set};
  if (hierarchy.version == 2) return out;
  for (const auto& controller : hierarchy.controllers) out.options.emplace_back(controller, "");
  if (!hierarchy.name.empty()) out.options.emplace_back("name", hierarchy.name);
  return out;
}

void add(StagePlan& out, Action action) { out.enter.push_back({std::move(action), kWhy, {}, {}}); }

}  // namespace

void plan_cgroup_mounts(const ContainerSpec& spec, const HostFacts& facts, const Mount& mount,
                        StagePlan& out) {
  const auto& hierarchies = facts.cgroups.hierarchies;
  const bool is_own = !spec.namespaces.cgroup.is_inherited();
  const auto attach = [&](const CgroupHierarchy& hierarchy, const std::string& target) {
    if (is_own) {
      add(out, instance_of(hierarchy, target, mount));
    } else if (spec.cgroup) {
      add(out, BindFolder{cgroup_folder(hierarchy, spec.cgroup->path), target, mount.set});
    }
  };
  if (hierarchies.size() == 1 && hierarchies.front().version == 2) {
    attach(hierarchies.front(), mount.target);
    return;
  }
  MountFileSystem folder{"tmpfs", mount.target, mount.set, {{"mode", "755"}}};
  folder.flags.read_only = false;
  add(out, std::move(folder));
  for (const auto& hierarchy : hierarchies)
    attach(hierarchy, mount.target + "/" + name_of(hierarchy));
  if (mount.set.read_only) add(out, MakeReadOnly{mount.target, true});
}

}  // namespace mydocker::mount
