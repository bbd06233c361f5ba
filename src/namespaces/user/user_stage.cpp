// Kernel idea   ids are translated: 0 inside is an ordinary, unused id outside.
// We ask        CLONE_NEWUSER; the host writes the two maps while the child waits; the child
//               becomes 0.
// Order         first of the namespaces: the others then belong to this one, not to the host's.
// If it fails   uid_map: EPERM says that the maps' ids are not ours to give.
// Man page      user_namespaces(7)
#include "namespaces/user/user_stage.hpp"

#include <linux/sched.h>

#include "helpers/id_maps.hpp"

namespace mydocker::user {
namespace {

constexpr std::string_view kBecomeRoot =
    "become the container's root: files made from here on have an owner inside";

// Without root the kernel lets a process map its own id, and nothing else.
bool is_own_alone(const std::vector<IdRange>& ranges, std::uint32_t own) {
  return ranges.size() == 1 && ranges[0].count == 1 && ranges[0].outside == own;
}

// How the two maps are written.
std::vector<Step> map_steps(const ContainerSpec& spec, const HostFacts& facts) {
  constexpr std::string_view kWhyUids = "without a map every id inside is 'nobody'";
  const std::string folder = "/proc/" + std::string(kChild);
  const WriteFile uids{folder + "/uid_map", id_map_text(spec.uid_map)};
  const WriteFile gids{folder + "/gid_map", id_map_text(spec.gid_map)};
  if (facts.can_map_ids) {
    return {{uids, kWhyUids},
            {gids, "groups too; setgroups stays allowed, so that the child can reset its own"}};
  }
  if (is_own_alone(spec.uid_map, facts.uid) && is_own_alone(spec.gid_map, facts.gid)) {
    return {{WriteFile{folder + "/setgroups", "deny"},
             "without root the kernel asks for this first: groups may be what keeps a user out"},
            {uids, kWhyUids},
            {gids, "groups too"}};
  }
  return {{MapIds{"newuidmap", spec.uid_map}, "without root, by the ranges of /etc/subuid"},
          {MapIds{"newgidmap", spec.gid_map}, "without root, by the ranges of /etc/subgid"}};
}

}  // namespace

StagePlan plan(const ContainerSpec& spec, const HostFacts& facts) {
  const NamespaceUse& use = spec.namespaces.user;
  // A namespace that is joined may deny setgroups, whoever made it; its root's groups are its own.
  if (use.is_joined()) {
    return {.join_first = CLONE_NEWUSER,
            .prepare = {{OpenNamespace{CLONE_NEWUSER, use.path},
                         "entered first: the others are judged by it"}},
            .enter = {{SetIds{User{}, !facts.can_map_ids}, kBecomeRoot}}};
  }
  if (!use.is_new()) return {};
  StagePlan out{.clone_flags = CLONE_NEWUSER,
                .attach = map_steps(spec, facts),
                .enter = {{SetIds{User{}, !facts.can_map_ids}, kBecomeRoot}}};
  if (spec.without_root && spec.uid_map.size() == 1)
    out.notices.emplace_back(
        "the container has one id alone, its root: for several, 'MyDocker doctor' says what is "
        "lacking");
  return out;
}

}  // namespace mydocker::user
