// The container's files: `root`, `mounts`, and what hides some of them.
#include <algorithm>

#include "helpers/text.hpp"
#include "oci/config/mount_options.hpp"
#include "oci/config/sections.hpp"

namespace mydocker::oci {
namespace {

std::string below_bundle(const std::string& path, const LoadOptions& options) {
  return path.starts_with('/') ? path : options.bundle + "/" + path;
}

// Of a bind mount the type is a dummy.
void read_kind(const Value& mount, Mount& out) {
  std::string type;
  mount["type"].into(type);
  if (out.kind == MountKind::change) return;
  if (type == "bind") out.kind = MountKind::bind;
  if (out.kind == MountKind::bind) return;
  if (type == "cgroup" || type == "cgroup2") {
    out.kind = MountKind::cgroups;
  } else if (type.empty()) {
    mount["type"].refuse_place("missing: which file system is to be mounted");
  } else {
    out.type = std::move(type);
  }
}

void read_source(const Value& mount, const LoadOptions& options, Mount& out) {
  const Value source = mount["source"];
  source.into(out.source);
  if (out.kind == MountKind::change) {
    out.source.clear();
  } else if (out.kind != MountKind::bind) {
    if (out.source.empty()) out.source = out.kind == MountKind::cgroups ? "cgroup" : out.type;
  } else if (out.source.empty()) {
    source.refuse_place("missing: what is to be mounted there");
  } else {
    out.source = below_bundle(out.source, options);
  }
}

void read_id_map(const Value& mount, const ContainerSpec& spec, Mount& out) {
  auto uids = read_id_ranges(mount["uidMappings"]), gids = read_id_ranges(mount["gidMappings"]);
  if (uids.empty() != gids.empty()) {
    mount[uids.empty() ? "uidMappings" : "gidMappings"].refuse_place(
        "missing: the ids of users and of groups are mapped together");
  }
  const bool has_map = !uids.empty() || !gids.empty();
  if (!has_map && !out.id_map) return;
  if (!out.id_map) out.id_map.emplace();
  out.id_map->uids = std::move(uids);
  out.id_map->gids = std::move(gids);
  if (out.kind != MountKind::bind)
    mount.refuse_place("only the ids of a bind mount can be mapped");
  else if (!has_map && spec.namespaces.user.kind == NamespaceUse::Kind::inherited)
    mount["options"].refuse_place(
        "'idmap' needs uidMappings and gidMappings here, or a user namespace to take them from");
}

Mount read_mount(const Value& mount, const LoadOptions& options, const ContainerSpec& spec) {
  Mount out;
  const Value target = mount["destination"].required();
  if (target.into(out.target)) {
    if (out.target.empty()) target.refuse("has to be a path");
    // A relative one is deprecated, and old tools write it.
    out.target = text::plain_path(out.target);
  }
  std::string type;
  read_mount_options(mount["options"], out);
  read_kind(mount, out);
  read_source(mount, options, out);
  read_id_map(mount, spec, out);
  if (out.copy_up && out.type != "tmpfs")
    mount["options"].refuse_place("'tmpcopyup' fills a tmpfs, and no other file system");
  return out;
}

void read_paths(const Value& paths, std::vector<std::string>& out) {
  for (const Value& path : paths.elements()) {
    std::string text;
    if (!path.into(text)) continue;
    if (!text.starts_with('/')) path.refuse("has to be an absolute path");
    out.push_back(std::move(text));
  }
}

}  // namespace

void read_root(const Value& file, const LoadOptions& options, Root& out) {
  const Value root = file["root"].required();
  const Value path = root["path"].required();
  if (path.into(out.path)) {
    if (out.path.empty()) path.refuse("has to be a path");
    out.path = below_bundle(out.path, options);
  }
  root["readonly"].into(out.read_only);

  const Value propagation = file["linux"]["rootfsPropagation"];
  std::string word;
  if (!propagation.into(word) || word.empty()) return;
  out.propagation = propagation_of(word);
  if (!out.propagation)
    propagation.refuse("allowed are private, shared, slave, unbindable, also with an r in front");
}

void read_mounts(const Value& mounts, const LoadOptions& options, ContainerSpec& spec) {
  for (const Value& each : mounts.elements())
    spec.mounts.push_back(read_mount(each, options, spec));
}

void read_masks(const Value& section, Masks& out) {
  read_paths(section["maskedPaths"], out.hidden);
  read_paths(section["readonlyPaths"], out.read_only);
}

}  // namespace mydocker::oci
