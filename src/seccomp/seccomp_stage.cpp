// Kernel idea   a small program of ours is run by the kernel before each system call and gives the
//               verdict.
// We ask        the original's denylist, compiled by libseccomp when MyDocker was built; or an
//               engine's profile, compiled by us at the start. Loaded in one call.
// Order         last before exec: so the filter need not allow what set-up needs.
// If it fails   EACCES: no_new_privs is missing. EINVAL: the kernel has no filters.
// Man page      seccomp(2)
#include "seccomp/seccomp_stage.hpp"

#include <linux/seccomp.h>

#include <iterator>

#include "seccomp/compile_profile.hpp"

namespace mydocker::seccomp {
namespace {

constexpr sock_filter kOriginal[] = {
#include "original_filter.inc"
};

// Threads that are there already have no part in a process with one thread.
constexpr unsigned kSynchronize = SECCOMP_FILTER_FLAG_TSYNC;

LoadSeccomp filter_of(const SeccompProfile& profile) {
  return {compile_profile(profile), filter_flags(profile) & ~kSynchronize,
          needs_listener(profile) ? profile.listener_path : std::string()};
}

}  // namespace

StagePlan plan(const ContainerSpec& spec, const HostFacts&) {
  if (const auto* const profile = std::get_if<SeccompProfile>(&spec.seccomp))
    return {.enter = {{filter_of(*profile), "the engine's profile, compiled by our own compiler"}}};
  if (std::holds_alternative<Unconfined>(spec.seccomp)) return {};
  return {.enter = {{LoadSeccomp{{std::begin(kOriginal), std::end(kOriginal)}},
                     "what the container never needs and an attacker does; children inherit it, "
                     "nobody removes it"}}};
}

}  // namespace mydocker::seccomp
