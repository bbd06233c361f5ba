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

StagePlan plan(const ContainerSpec& spec, const HostFacts& facts) {
  StagePlan out;
  const NamespaceUse& use = spec.namespaces.pid;
  if (use.is_new()) out.clone_flags = CLONE_NEWPID;
  if (use.is_joined()) {
    out.join_first = CLONE_NEWPID;
    out.prepare.push_back({OpenNamespace{CLONE_NEWPID, use.path},
                           "entered before clone: a process keeps the number that it has",
                           {},
                           {}});
  }
  out.enter.push_back({DieWithParent{},
                       "PID 1 is killed when MyDocker dies, and with it the whole container",
                       {},
                       {}});
  // In a new PID namespace nobody else is there to look. Without root MyDocker could not look into
  // its child itself any more.
  if (!use.is_new() && facts.can_map_ids) {
    out.enter.push_back({HideFromTracers{},
                         "through /proc others in its namespaces would get at MyDocker's own file",
                         {},
                         {}});
  }
  return out;
}

}  // namespace mydocker::pid
