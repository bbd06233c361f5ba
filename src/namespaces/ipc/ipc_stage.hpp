#pragma once

#include "mydocker/plan.hpp"

namespace mydocker::ipc {

[[nodiscard]] StagePlan plan(const ContainerSpec& spec, const HostFacts& facts);

inline constexpr Stage stage{"ipc", "shared memory and message queues of its own",
                             "ipc_namespaces(7)", plan};

}  // namespace mydocker::ipc
