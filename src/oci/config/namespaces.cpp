// `linux.namespaces`, and what belongs to two of them: id maps, offsets of clocks.
#include "oci/config/sections.hpp"
#include "oci/config/words.hpp"

namespace mydocker::oci {
namespace {

// The kernel takes so many lines of a map, see user_namespaces(7).
constexpr std::size_t kMostRanges = 340;

void read_namespace(const Value& entry, Namespaces& out) {
  const Value type = entry["type"].required();
  const auto member = type.one_of(kNamespaces);
  NamespaceUse use = kNewNamespace;
  std::string path;
  if (entry["path"].into(path) && !path.empty()) {
    if (!path.starts_with('/')) entry["path"].refuse("has to be an absolute path");
    use = {NamespaceUse::Kind::joined, path};
  }
  if (!member) return;
  NamespaceUse& place = out.*(*member);
  if (place.kind != NamespaceUse::Kind::inherited) type.refuse("given twice");
  place = use;
}

void read_maps(const Value& section, ContainerSpec& spec) {
  const NamespaceUse& user = spec.namespaces.user;
  auto uids = read_id_ranges(section["uidMappings"]), gids = read_id_ranges(section["gidMappings"]);
  for (const char* const name : {"uidMappings", "gidMappings"}) {
    const Value map = section[name];
    if (user.is_new() && map.elements().empty())
      map.refuse_place("missing: a new user namespace maps no ids by itself");
    else if (user.kind == NamespaceUse::Kind::inherited && !map.elements().empty())
      map.refuse_place("linux.namespaces has no 'user' that it could belong to");
  }
  // A joined namespace has its maps already. podman repeats a dummy of them here.
  if (!user.is_new()) return;
  spec.uid_map = std::move(uids);
  spec.gid_map = std::move(gids);
}

void read_time_offsets(const Value& offsets, ContainerSpec& spec) {
  constexpr Range kNanoseconds{0, 999999999};
  for (const auto& [clock, value] : offsets.members()) {
    TimeOffset offset{std::string(clock)};
    if (clock != "boottime" && clock != "monotonic")
      value.refuse_place("no clock of a time namespace; allowed are boottime, monotonic");
    value["secs"].into(offset.seconds);
    value["nanosecs"].into(offset.nanoseconds, kNanoseconds);
    spec.time_offsets.push_back(std::move(offset));
  }
  if (!spec.time_offsets.empty() && !spec.namespaces.time.is_new())
    offsets.refuse_place(
        "only a new time namespace has offsets, and linux.namespaces asks for none");
}

}  // namespace

std::vector<IdRange> read_id_ranges(const Value& ranges) {
  std::vector<IdRange> out;
  for (const Value& each : ranges.elements()) {
    IdRange range;
    each["containerID"].required().into(range.inside, kIds);
    each["hostID"].required().into(range.outside, kIds);
    const bool has_size = each["size"].required().into(range.count, {1, UINT32_MAX});
    if (has_size &&
        (range.count > UINT32_MAX - range.inside || range.count > UINT32_MAX - range.outside))
      each["size"].refuse("ends above 4294967294, the highest id");
    out.push_back(range);
  }
  if (out.size() > kMostRanges) ranges.refuse_place("more than 340 ranges");
  return out;
}

void read_namespaces(const Value& section, ContainerSpec& spec) {
  const Value list = section["namespaces"];
  for (const Value& entry : list.elements()) read_namespace(entry, spec.namespaces);
  if (spec.namespaces.mount.kind == NamespaceUse::Kind::inherited) {
    (section.is_given() ? list : section)
        .refuse_place(
            "no 'mount' namespace: without one of its own the container's mounts would be the "
            "host's");
  }
  read_maps(section, spec);
  read_time_offsets(section["timeOffsets"], spec);
}

}  // namespace mydocker::oci
