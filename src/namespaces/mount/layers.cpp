// Kernel idea   overlayfs shows folders as one: a name is looked up from the topmost layer down; a file
//               that is written to is copied up first; what is deleted leaves a mark on top.
// We ask        for the image's layers below and a new empty folder on top, which is removed at the
//               end: so nothing that is done inside changes the image.
// Order         the host opens each layer, with -U ID-mapped (an overlay cannot be, its lower layers
//               can), and the child mounts the overlay in its own namespaces: so the last process that
//               leaves them takes it away, and nobody waits for that.
// If it fails   EINVAL: the writable folder is on a file system that overlayfs takes no upper layer on
//               (another overlay, NFS).
// Man page      Documentation/filesystems/overlayfs.rst, mount_setattr(2)
#include "namespaces/mount/layers.hpp"

#include <algorithm>

#include "helpers/text.hpp"

namespace mydocker::mount {
namespace {

std::uint32_t outside_of_root(const std::vector<IdRange>& map) {
  const auto found =
      std::find_if(map.begin(), map.end(), [](const IdRange& range) { return range.inside == 0; });
  return found == map.end() ? 0 : found->outside;
}

void set_layer(Tree tree, const ContainerSpec& spec, bool on_host, StagePlan& out) {
  SetTree set{.tree = tree, .set_below = spec.root.flags, .propagation = {}};
  std::string why = "what its owner allows is not allowed in a container";
  if (spec.namespaces.user.is_new() && on_host) {
    set.id_map = MountIdMap{{}, {}, true};
    why = "its files belong to the container's root; on the disk nothing changes";
  }
  (on_host ? out.attach : out.enter).push_back({std::move(set), std::move(why), {}, {}});
}

// What the child mounts the overlay of.
unsigned add_trees(const ContainerSpec& spec, const HostFacts& facts, StagePlan& out) {
  const Layers& layers = *spec.root.layers;
  const bool on_host = facts.can_copy_mounts;
  std::vector<Step>& opened = on_host ? out.prepare : out.enter;
  opened.push_back({OpenTree{kWritableTree, layers.writable, false},
                    on_host ? "the child has no way to that path"
                            : "only in namespaces of its own may it copy a mount",
                    {},
                    {}});
  SetTree writable{.tree = kWritableTree, .propagation = {}};
  opened.push_back({std::move(writable), "the child will mount it", {}, {}});
  Tree tree = kFirstLayerTree;
  if (layers.disk) {
    out.prepare.push_back({MountDisk{tree, *layers.disk, spec.root.flags},
                           "nothing has to be unpacked: the kernel reads what is asked for",
                           {},
                           {}});
    set_layer(tree++, spec, on_host, out);
  }
  for (const auto& folder : layers.lower) {
    opened.push_back({OpenTree{tree, folder, false}, "a layer, opened the same way", {}, {}});
    set_layer(tree++, spec, on_host, out);
  }
  return tree - kFirstLayerTree;
}

}  // namespace

void plan_layers(const ContainerSpec& spec, const HostFacts& facts, StagePlan& out) {
  const Layers& layers = *spec.root.layers;
  if (!layers.image.empty())
    out.prepare.push_back(
        {HoldImage{layers.image}, "nobody can remove it while its files are in use", {}, {}});
  std::vector<Action> undo;
  if (!layers.keeps) undo.emplace_back(RemoveWritable{layers.writable});
  const std::string below = layers.disk ? layers.disk->file : text::join(layers.lower, "\n");
  MakeWritable made{layers.writable, layers.image + "\n" + below + "\n",
                    outside_of_root(spec.uid_map), outside_of_root(spec.gid_map), layers.keeps};
  out.prepare.push_back({std::move(made),
                         layers.keeps ? "what the container writes, kept for the next one"
                                      : "what the container writes; thrown away at the end",
                         std::move(undo),
                         {}});
  const unsigned trees = add_trees(spec, facts, out);
  out.enter.push_back({MountLayers{trees, spec.root.flags, layers.keeps},
                       "the image below, and what is written on top: it stays as it is",
                       {},
                       {}});
}

}  // namespace mydocker::mount
