// Kernel idea   a small program of ours is run by the kernel before each system call and gives the
//               verdict.
// We ask        our own list of what is allowed, compiled when MyDocker was built; or another list,
//               compiled at the start. Loaded in one call.
// Order         last before exec: so the filter need not allow what set-up needs.
// If it fails   EACCES: no_new_privs is missing. EINVAL: the kernel has no filters.
// Man page      seccomp(2)
#include "seccomp/seccomp_stage.hpp"

#include <linux/seccomp.h>

#include "helpers/text.hpp"
#include "seccomp/choose_filter.hpp"
#include "seccomp/compile_profile.hpp"

namespace mydocker::seccomp {
namespace {

// Threads that are there already have no part in a process with one thread.
constexpr unsigned kSynchronize = SECCOMP_FILTER_FLAG_TSYNC;

std::string_view why(const ContainerSpec& spec) {
  if (spec.seccomp_watch == SeccompWatch::refused)
    return "what it refuses MyDocker is asked about: it counts, and refuses";
  if (spec.seccomp_watch == SeccompWatch::allowed)
    return "MyDocker is asked about every call: it notes what the program needs";
  if (std::holds_alternative<SeccompProfile>(spec.seccomp))
    return "the list that was asked for, compiled by our own compiler";
  if (std::holds_alternative<OriginalDenylist>(spec.seccomp))
    return "what the container never needs and an attacker does; children inherit it, nobody "
           "removes it";
  return "what ordinary programs need is allowed and nothing else; children inherit it, nobody "
         "removes it";
}

// The classic command line's word on a folder that others of the host can enter.
std::vector<std::string> notices(const ContainerSpec& spec) {
  if (spec.open_to_others.empty() || std::holds_alternative<OriginalDenylist>(spec.seccomp))
    return {};
  const bool refuses = std::holds_alternative<DefaultAllowlist>(spec.seccomp);
  return {"other users of this host can enter " + text::quoted(spec.open_to_others) +
          (refuses ? ": the container is refused set-user-ID modes, which some packages need; "
                   : ", where a container may leave set-user-ID files; ") +
          "chmod 0700 the folder above it"};
}

}  // namespace

StagePlan plan(const ContainerSpec& spec, const HostFacts&) {
  StagePlan out;
  out.notices = notices(spec);
  const bool watches = spec.seccomp_watch != SeccompWatch::none;
  if (std::holds_alternative<Unconfined>(spec.seccomp) && !watches) return out;
  LoadSeccomp load{filter_of(spec)};
  load.answered_here = watches;
  if (const auto* const profile = std::get_if<SeccompProfile>(&spec.seccomp)) {
    load.flags = filter_flags(*profile) & ~kSynchronize;
    if (needs_listener(*profile)) load.listener = profile->listener_path;
  }
  out.enter.push_back({std::move(load), why(spec), {}, {}});
  return out;
}

}  // namespace mydocker::seccomp
