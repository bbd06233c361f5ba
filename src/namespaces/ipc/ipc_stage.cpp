// Kernel idea   System V IPC objects and POSIX message queues are found by key or name: a
//               namespace's own.
// We ask        CLONE_NEWIPC; the mount stage adds the matching /dev/mqueue and /dev/shm.
// Order         none: the flag alone does it.
// If it fails   it does not, where the kernel has IPC namespaces.
// Man page      ipc_namespaces(7)
#include "namespaces/ipc/ipc_stage.hpp"

#include <linux/sched.h>

namespace mydocker::ipc {

StagePlan plan(const ContainerSpec&, const HostFacts&) { return {.clone_flags = CLONE_NEWIPC}; }

}  // namespace mydocker::ipc
