// Kernel idea   a small program of ours is run by the kernel before each system call and gives the
//               verdict.
// We ask        the original's denylist, compiled by libseccomp when MyDocker was built, loaded in
//               one call.
// Order         last before exec: so the filter need not allow what set-up needs.
// If it fails   EACCES: no_new_privs is missing. EINVAL: the kernel has no filters.
// Man page      seccomp(2)
#include "seccomp/seccomp_stage.hpp"

#include <iterator>

namespace mydocker::seccomp {
namespace {

constexpr sock_filter kOriginal[] = {
#include "original_filter.inc"
};

}  // namespace

StagePlan plan(const ContainerSpec& spec, const HostFacts&) {
  if (!std::holds_alternative<OriginalDenylist>(spec.seccomp)) return {};
  return {.enter = {{LoadSeccomp{{std::begin(kOriginal), std::end(kOriginal)}},
                     "what the container never needs and an attacker does; children inherit it, "
                     "nobody removes it"}}};
}

}  // namespace mydocker::seccomp
