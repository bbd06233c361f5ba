// Kernel idea   the names that uname(2) gives are a namespace's, not the machine's.
// We ask        CLONE_NEWUTS, then sethostname in the child.
// Order         anywhere while CAP_SYS_ADMIN is there.
// If it fails   EINVAL: a hostname has at most 64 bytes.
// Man page      uts_namespaces(7)
#include "namespaces/uts/uts_stage.hpp"

#include <linux/sched.h>

namespace mydocker::uts {

StagePlan plan(const ContainerSpec& spec, const HostFacts&) {
  return {.clone_flags = CLONE_NEWUTS,
          .enter = {{SetHostname{spec.hostname},
                     "seen by uname and the shell's prompt; the host's stays"}}};
}

}  // namespace mydocker::uts
