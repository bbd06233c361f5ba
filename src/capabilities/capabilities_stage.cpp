// Kernel idea   root's power is 41 separate bits, kept in five sets of each process.
// We ask        drop from the bounding set, set the user's ids, keep a few bits, clear the rest,
//               no_new_privs.
// Order         bounding set first (that needs SETPCAP), ids next (that needs SETUID), the other
//               sets last.
// If it fails   EPERM: MyDocker itself lacks a capability that it should hand on.
// Man page      capabilities(7), prctl(2)
#include "capabilities/capabilities_stage.hpp"

#include <linux/capability.h>

#include <algorithm>

#include "helpers/names.hpp"

namespace mydocker::capabilities {

namespace {

bool contains(const std::vector<int>& set, int capability) {
  return std::find(set.begin(), set.end(), capability) != set.end();
}

// Without no_new_privs only CAP_SYS_ADMIN may load a filter or seal itself, which is done after the
// drop.
std::vector<int> needed_later(const ContainerSpec& spec) {
  const bool is_filtered = !std::holds_alternative<Unconfined>(spec.seccomp);
  if (spec.process.no_new_privileges || (!is_filtered && !spec.file_access)) return {};
  if (contains(spec.process.capabilities.effective, CAP_SYS_ADMIN)) return {};
  return {CAP_SYS_ADMIN};
}

// Without those that MyDocker lacks itself, and those that this kernel does not know.
CapabilitySets available(CapabilitySets sets, const HostFacts& facts) {
  for (auto* const set :
       {&sets.bounding, &sets.effective, &sets.permitted, &sets.inheritable, &sets.ambient}) {
    std::erase_if(*set, [&](int capability) {
      return capability > facts.last_capability || contains(facts.lacking_capabilities, capability);
    });
  }
  return sets;
}

// Said only to who asked by an option: an engine asks for what it always asks for.
std::vector<std::string> notices(const Process& process, const CapabilitySets& sets,
                                 const HostFacts& facts) {
  std::vector<std::string> out;
  if (!process.capabilities_were_given) return out;
  for (const int capability : process.capabilities.bounding) {
    if (contains(sets.bounding, capability)) continue;
    out.push_back("the capability " + names::capability(capability) + " is not there to be kept: " +
                  (capability > facts.last_capability ? "this kernel does not know it"
                                                      : "MyDocker lacks it itself"));
  }
  return out;
}

}  // namespace

StagePlan plan(const ContainerSpec& spec, const HostFacts& facts) {
  const CapabilitySets sets = available(spec.process.capabilities, facts);
  std::vector<int> dropped;
  for (int number = 0; number <= facts.last_capability; ++number) {
    if (!contains(sets.bounding, number)) dropped.push_back(number);
  }
  StagePlan out;
  out.notices = notices(spec.process, sets, facts);
  const auto add = [&](Action action, std::string_view why) {
    out.enter.push_back({std::move(action), why, {}, {}});
  };
  add(DropBounding{dropped}, "no program executed later, set-user-ID or not, can bring these back");
  const bool may_keep_groups = !facts.can_map_ids && spec.process.user.groups.empty();
  const auto until_exec = needed_later(spec);
  const bool keeps = spec.process.user.uid != 0 && !(sets.permitted.empty() && until_exec.empty());
  add(SetIds{spec.process.user, may_keep_groups, keeps},
      "the user of the entrypoint; none of the caller's groups remain");
  add(SetCapabilities{sets, until_exec},
      sets.inheritable.empty() && sets.ambient.empty()
          ? "effective and permitted shrink; inheritable and ambient are emptied"
          : "each set as it was asked for");
  if (spec.process.no_new_privileges)
    add(NoNewPrivileges{},
        "execve grants nothing any more: set-user-ID bits and file capabilities are void");
  add(DieWithParent{}, "asked again: the change of ids made the kernel forget it");
  return out;
}

}  // namespace mydocker::capabilities
