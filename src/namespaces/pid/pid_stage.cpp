// Kernel idea   processes are numbered anew; the first is PID 1, and all die with it.
// We ask        CLONE_NEWPID at clone, since a process cannot change its own number; PDEATHSIG in
//               the child.
// Order         the signal again after the last change of ids (capabilities), which makes the
//               kernel forget it.
// If it fails   the child finds its parent's socket closed and leaves.
// Man page      pid_namespaces(7), prctl(2)
#include "namespaces/pid/pid_stage.hpp"

#include <linux/sched.h>

namespace mydocker::pid {

StagePlan plan(const ContainerSpec&, const HostFacts&) {
  return {.clone_flags = CLONE_NEWPID,
          .enter = {{DieWithParent{},
                     "PID 1 is killed when MyDocker dies, and with it the whole container"}}};
}

}  // namespace mydocker::pid
