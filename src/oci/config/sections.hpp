// One function for each section of config.json. They read in the order in which they stand here:
// what a container's namespaces are decides what else it may ask for.
#pragma once

#include <functional>
#include <string_view>

#include "mydocker/spec.hpp"
#include "oci/config/document.hpp"
#include "oci/config/load.hpp"

namespace mydocker::oci {

// 4294967295 means "no change" to the kernel.
inline constexpr Range kIds{0, 4294967294};

// namespaces.cpp: `linux.namespaces`, `uidMappings`, `gidMappings`, `timeOffsets`.
void read_namespaces(const Value& linux_section, ContainerSpec& spec);
[[nodiscard]] std::vector<IdRange> read_id_ranges(const Value& ranges);

// process.cpp, capabilities.cpp, scheduling.cpp: `process`.
void read_process(const Value& process, Process& out);
void read_capabilities(const Value& capabilities, CapabilitySets& out);
// In the order of their numbers, in lower case and without the prefix: "sys_admin".
[[nodiscard]] const std::vector<std::string>& known_capabilities();
void read_scheduling(const Value& process, Process& out);
// Whom the process runs as has to exist in the container.
void check_user(const Value& user, const ContainerSpec& spec);

// mounts.cpp: `root`, `linux.rootfsPropagation`, `mounts`, `linux.maskedPaths`, `readonlyPaths`.
void read_root(const Value& file, const LoadOptions& options, Root& out);
void read_mounts(const Value& mounts, const LoadOptions& options, ContainerSpec& spec);
void read_masks(const Value& linux_section, Masks& out);

// devices.cpp: `linux.devices`, `linux.netDevices`.
void read_devices(const Value& devices, ContainerSpec& spec);
void read_network_devices(const Value& devices, ContainerSpec& spec);

// cgroup.cpp: `linux.cgroupsPath`; resources.cpp, block_io.cpp: `linux.resources`.
enum class ZeroPids { is_a_limit, is_not_given };
void read_cgroup(const Value& linux_section, const LoadOptions& options, ZeroPids zero_pids,
                 ContainerSpec& spec);
[[nodiscard]] Resources read_resources(const Value& resources, ZeroPids zero_pids);
void read_block_io(const Value& block_io, BlockIoResources& out);

// kernel.cpp: `hostname`, `domainname`, `linux.sysctl`, `personality`, `memoryPolicy`, `intelRdt`.
void read_names(const Value& file, ContainerSpec& spec);
void read_sysctls(const Value& sysctls, ContainerSpec& spec);
void read_personality(const Value& personality, Process& out);
void read_memory_policy(const Value& policy, Process& out);
void read_intel_rdt(const Value& rdt, ContainerSpec& spec);

// seccomp.cpp: `linux.seccomp`.
void read_seccomp(const Value& seccomp, ContainerSpec& spec);
// The profile, with those rules that `applies` accepts.
[[nodiscard]] SeccompProfile read_profile(const Value& seccomp,
                                          const std::function<bool(const Value& rule)>& applies);

// hooks.cpp: `hooks`.
void read_hooks(const Value& hooks, Hooks& out);

// A list of processors or memory nodes as in cpuset(7), "0-3,7"; a problem if it is none.
void read_list(const Value& list, std::string& out);

}  // namespace mydocker::oci
