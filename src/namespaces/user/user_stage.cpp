// Kernel idea   ids are translated: 0 inside is an ordinary, unused id outside.
// We ask        CLONE_NEWUSER; the host writes the two maps while the child waits; the child
//               becomes 0.
// Order         first of the namespaces: the others then belong to this one, not to the host's.
// If it fails   uid_map: EPERM says that the maps' ids are not ours to give.
// Man page      user_namespaces(7)
#include "namespaces/user/user_stage.hpp"

#include <linux/sched.h>

namespace mydocker::user {
namespace {

std::string map_text(const std::vector<IdRange>& ranges) {
  std::string out;
  for (const auto& range : ranges) {
    out += std::to_string(range.inside) + " " + std::to_string(range.outside) + " " +
           std::to_string(range.count) + "\n";
  }
  return out;
}

}  // namespace

StagePlan plan(const ContainerSpec& spec, const HostFacts&) {
  if (!spec.namespaces.user) return {};
  const std::string map = map_text(spec.id_map);
  const std::string folder = "/proc/" + std::string(kChild);
  return {
      .clone_flags = CLONE_NEWUSER,
      .attach = {{WriteFile{folder + "/uid_map", map}, "without a map every id inside is 'nobody'"},
                 {WriteFile{folder + "/gid_map", map},
                  "groups too; setgroups stays allowed, so that the child can reset its own"}},
      .enter = {{SetIds{User{}},
                 "become the container's root: files made from here on have an owner inside"}},
  };
}

}  // namespace mydocker::user
