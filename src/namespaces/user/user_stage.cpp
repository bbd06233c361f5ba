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

}  // namespace

StagePlan plan(const ContainerSpec& spec, const HostFacts&) {
  const NamespaceUse& use = spec.namespaces.user;
  if (use.is_joined()) {
    return {.join_first = CLONE_NEWUSER,
            .prepare = {{OpenNamespace{CLONE_NEWUSER, use.path},
                         "entered first: the others are judged by it"}},
            .enter = {{SetIds{User{}}, kBecomeRoot}}};
  }
  if (!use.is_new()) return {};
  const std::string folder = "/proc/" + std::string(kChild);
  return {
      .clone_flags = CLONE_NEWUSER,
      .attach = {{WriteFile{folder + "/uid_map", id_map_text(spec.uid_map)},
                  "without a map every id inside is 'nobody'"},
                 {WriteFile{folder + "/gid_map", id_map_text(spec.gid_map)},
                  "groups too; setgroups stays allowed, so that the child can reset its own"}},
      .enter = {{SetIds{User{}}, kBecomeRoot}},
  };
}

}  // namespace mydocker::user
