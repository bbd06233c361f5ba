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

namespace mydocker::capabilities {

const std::vector<int>& kept() {
  static const std::vector<int> kKept{CAP_CHOWN,   CAP_DAC_OVERRIDE,     CAP_FOWNER,
                                      CAP_KILL,    CAP_SETGID,           CAP_SETUID,
                                      CAP_SETPCAP, CAP_NET_BIND_SERVICE, CAP_SYS_CHROOT};
  return kKept;
}

StagePlan plan(const ContainerSpec& spec, const HostFacts& facts) {
  std::vector<int> dropped;
  for (int number = 0; number <= facts.last_capability; ++number) {
    if (std::find(kept().begin(), kept().end(), number) == kept().end()) dropped.push_back(number);
  }
  const bool is_root = spec.process.user.uid == 0;
  return {.enter = {
              {DropBounding{dropped},
               "no program executed later, set-user-ID or not, can bring these back"},
              {SetIds{spec.process.user},
               "the user of the entrypoint; none of the caller's groups remain"},
              {SetCapabilities{is_root ? kept() : std::vector<int>{}},
               "effective and permitted shrink; inheritable and ambient are emptied"},
              {NoNewPrivileges{},
               "execve grants nothing any more: set-user-ID bits and file capabilities are void"},
              {DieWithParent{}, "asked again: the change of ids made the kernel forget it"},
          }};
}

}  // namespace mydocker::capabilities
