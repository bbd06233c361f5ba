#pragma once

#include "mydocker/plan.hpp"

namespace mydocker::process {

[[nodiscard]] StagePlan plan_limits(const ContainerSpec& spec, const HostFacts& facts);
[[nodiscard]] StagePlan plan_gate(const ContainerSpec& spec, const HostFacts& facts);
[[nodiscard]] StagePlan plan_descriptors(const ContainerSpec& spec, const HostFacts& facts);
[[nodiscard]] StagePlan plan_exec(const ContainerSpec& spec, const HostFacts& facts);

// Four stages of one folder: what one process is made of, at the four moments when each part is
// possible.
inline constexpr Stage limits{"process", "keyring, signals, session, terminal", "credentials(7)",
                              plan_limits};
inline constexpr Stage gate{"gate", "the entrypoint is found, the child is ready",
                            "path_resolution(7)", plan_gate};
inline constexpr Stage descriptors{"descriptors", "only the standard three", "close_range(2)",
                                   plan_descriptors};
inline constexpr Stage exec{"exec", "the entrypoint becomes PID 1", "execve(2)", plan_exec};

}  // namespace mydocker::process
