#include "namespaces/mount/trees.hpp"

#include <cerrno>

#include "mydocker/error.hpp"
#include "namespaces/mount/layers.hpp"

namespace mydocker::mount {
namespace {

constexpr MountPropagation kPrivate{Propagation::is_private, true};

class Trees {
 public:
  Trees(const ContainerSpec& spec, const HostFacts& facts, StagePlan& out)
      : spec_(spec),
        facts_(facts),
        out_(out),
        can_copy_(facts.can_copy_mounts),
        opened_(can_copy_ ? out.prepare : out.enter) {}

  void add_all() {
    if (spec_.root.layers) {
      plan_layers(spec_, facts_, out_);
    } else {
      opened_.push_back({OpenTree{kRootTree, spec_.root.path},
                         "a copy of the mount, held by a descriptor: no path is looked up again",
                         {},
                         {}});
    }
    for (const auto& mount : spec_.mounts) {
      if (mount.kind != MountKind::bind) continue;
      opened_.push_back({OpenTree{++last_, mount.source, mount.recursive, mount.may_be_lacking},
                         "a volume, opened the same way",
                         {},
                         {}});
    }
    if (!spec_.root.layers) set_root();
    Tree tree = kRootTree;
    for (const auto& mount : spec_.mounts) {
      if (mount.kind == MountKind::bind) set_bind(mount, ++tree);
    }
  }

 private:
  // The user namespace of the child exists only after clone.
  std::vector<Step>& when(const std::optional<MountIdMap>& map) {
    if (map && !can_copy_)
      throw SetupError("mount", "map the ids of a mount", EPERM,
                       "ID-mapped mounts need root: without it only the user namespace maps ids");
    return map && map->uids.empty() ? out_.attach : opened_;
  }

  void set_root() {
    const Root& root = spec_.root;
    SetTree set{.tree = kRootTree, .set_below = root.flags, .propagation = kPrivate};
    // pivot_root refuses a shared root: it becomes shared afterwards.
    if (root.propagation && root.propagation->kind != Propagation::is_private)
      set.propagation = {Propagation::slave, root.propagation->recursive};
    if (root.id_mapped) {
      set.id_map = MountIdMap{{}, {}, true};
      set.mount_points = mount_points();
    }
    constexpr std::string_view kMapped =
        "the root's files belong to the container's root; on the disk nothing changes";
    constexpr std::string_view kInertRoot =
        "private, and set-user-ID bits and device nodes in it mean nothing";
    const std::string_view why = root.id_mapped     ? kMapped
                                 : root.flags.any() ? kInertRoot
                                                    : "no mount made here appears on the host";
    const auto map = set.id_map;
    when(map).push_back({std::move(set), why, {}, {}});
  }

  void set_bind(const Mount& mount, Tree tree) {
    when(mount.id_map)
        .push_back({SetTree{tree,
                            mount.set,
                            mount.clear,
                            mount.set_below,
                            mount.clear_below,
                            mount.propagation.value_or(kPrivate),
                            mount.id_map,
                            {}},
                    "the same for the volume and all mounts below it",
                    {},
                    {}});
  }

  std::vector<std::pair<std::string, Tree>> mount_points() const {
    std::vector<std::pair<std::string, Tree>> out;
    Tree tree = kRootTree;
    for (const auto& mount : spec_.mounts) {
      if (mount.kind == MountKind::bind)
        out.emplace_back(mount.target, ++tree);
      else if (!mount.target.starts_with("/dev/"))
        out.emplace_back(mount.target, kRootTree);
    }
    return out;
  }

  const ContainerSpec& spec_;
  const HostFacts& facts_;
  StagePlan& out_;
  bool can_copy_;
  std::vector<Step>& opened_;
  Tree last_ = kRootTree;
};

}  // namespace

void plan_trees(const ContainerSpec& spec, const HostFacts& facts, StagePlan& out) {
  Trees(spec, facts, out).add_all();
}

}  // namespace mydocker::mount
