// Kernel idea   System V IPC objects and POSIX message queues are found by key or name: a
//               namespace's own.
// We ask        CLONE_NEWIPC; the mount stage adds the matching /dev/mqueue and /dev/shm.
// Order         before the sysctl stage: the flag alone does it, or a setns.
// If it fails   it does not, where the kernel has IPC namespaces.
// Man page      ipc_namespaces(7)
#include "namespaces/ipc/ipc_stage.hpp"

#include <linux/sched.h>

namespace mydocker::ipc {

StagePlan plan(const ContainerSpec& spec, const HostFacts&) {
  const NamespaceUse& use = spec.namespaces.ipc;
  if (use.is_new()) return {.clone_flags = CLONE_NEWIPC};
  if (!use.is_joined()) return {};
  constexpr std::string_view kWhy = "queues and memory that are there already, shared with others";
  return {.prepare = {{OpenNamespace{CLONE_NEWIPC, use.path}, kWhy}},
          .enter = {{JoinNamespaces{CLONE_NEWIPC}, kWhy}}};
}

}  // namespace mydocker::ipc
