// The specification's words and what they mean. The loader takes these and `features` lists these,
// so that neither can promise what the other does not know.
#pragma once

#include <linux/ioprio.h>
#include <linux/mempolicy.h>
#include <linux/sched.h>
#include <sys/resource.h>

#include "mydocker/spec.hpp"
#include "oci/config/document.hpp"

namespace mydocker::oci {

inline constexpr Word<std::vector<Hook> Hooks::*> kHooks[] = {
    {"prestart", &Hooks::prestart},
    {"createRuntime", &Hooks::create_runtime},
    {"createContainer", &Hooks::create_container},
    {"startContainer", &Hooks::start_container},
    {"poststart", &Hooks::poststart},
    {"poststop", &Hooks::poststop},
};

inline constexpr Word<NamespaceUse Namespaces::*> kNamespaces[] = {
    {"cgroup", &Namespaces::cgroup},   {"ipc", &Namespaces::ipc}, {"mount", &Namespaces::mount},
    {"network", &Namespaces::network}, {"pid", &Namespaces::pid}, {"time", &Namespaces::time},
    {"user", &Namespaces::user},       {"uts", &Namespaces::uts},
};

inline constexpr Word<std::vector<int> CapabilitySets::*> kCapabilitySets[] = {
    {"bounding", &CapabilitySets::bounding},   {"permitted", &CapabilitySets::permitted},
    {"effective", &CapabilitySets::effective}, {"inheritable", &CapabilitySets::inheritable},
    {"ambient", &CapabilitySets::ambient},
};

inline constexpr Word<int> kRlimits[] = {
    {"RLIMIT_AS", RLIMIT_AS},
    {"RLIMIT_CORE", RLIMIT_CORE},
    {"RLIMIT_CPU", RLIMIT_CPU},
    {"RLIMIT_DATA", RLIMIT_DATA},
    {"RLIMIT_FSIZE", RLIMIT_FSIZE},
    {"RLIMIT_LOCKS", RLIMIT_LOCKS},
    {"RLIMIT_MEMLOCK", RLIMIT_MEMLOCK},
    {"RLIMIT_MSGQUEUE", RLIMIT_MSGQUEUE},
    {"RLIMIT_NICE", RLIMIT_NICE},
    {"RLIMIT_NOFILE", RLIMIT_NOFILE},
    {"RLIMIT_NPROC", RLIMIT_NPROC},
    {"RLIMIT_RSS", RLIMIT_RSS},
    {"RLIMIT_RTPRIO", RLIMIT_RTPRIO},
    {"RLIMIT_RTTIME", RLIMIT_RTTIME},
    {"RLIMIT_SIGPENDING", RLIMIT_SIGPENDING},
    {"RLIMIT_STACK", RLIMIT_STACK},
};

// Without SCHED_ISO: Linux has reserved its number, but never had the policy.
inline constexpr Word<unsigned> kSchedulerPolicies[] = {
    {"SCHED_OTHER", SCHED_NORMAL}, {"SCHED_FIFO", SCHED_FIFO}, {"SCHED_RR", SCHED_RR},
    {"SCHED_BATCH", SCHED_BATCH},  {"SCHED_IDLE", SCHED_IDLE}, {"SCHED_DEADLINE", SCHED_DEADLINE},
};

inline constexpr Word<std::uint64_t> kSchedulerFlags[] = {
    {"SCHED_FLAG_RESET_ON_FORK", SCHED_FLAG_RESET_ON_FORK},
    {"SCHED_FLAG_RECLAIM", SCHED_FLAG_RECLAIM},
    {"SCHED_FLAG_DL_OVERRUN", SCHED_FLAG_DL_OVERRUN},
    {"SCHED_FLAG_KEEP_POLICY", SCHED_FLAG_KEEP_POLICY},
    {"SCHED_FLAG_KEEP_PARAMS", SCHED_FLAG_KEEP_PARAMS},
    {"SCHED_FLAG_UTIL_CLAMP_MIN", SCHED_FLAG_UTIL_CLAMP_MIN},
    {"SCHED_FLAG_UTIL_CLAMP_MAX", SCHED_FLAG_UTIL_CLAMP_MAX},
};

inline constexpr Word<int> kIoClasses[] = {
    {"IOPRIO_CLASS_RT", IOPRIO_CLASS_RT},
    {"IOPRIO_CLASS_BE", IOPRIO_CLASS_BE},
    {"IOPRIO_CLASS_IDLE", IOPRIO_CLASS_IDLE},
};

// Newer than the kernel's headers here (Linux 6.9).
inline constexpr int kWeightedInterleave = 6;

inline constexpr Word<int> kMemoryPolicyModes[] = {
    {"MPOL_DEFAULT", MPOL_DEFAULT},       {"MPOL_BIND", MPOL_BIND},
    {"MPOL_INTERLEAVE", MPOL_INTERLEAVE}, {"MPOL_WEIGHTED_INTERLEAVE", kWeightedInterleave},
    {"MPOL_PREFERRED", MPOL_PREFERRED},   {"MPOL_PREFERRED_MANY", MPOL_PREFERRED_MANY},
    {"MPOL_LOCAL", MPOL_LOCAL},
};

inline constexpr Word<unsigned> kMemoryPolicyFlags[] = {
    {"MPOL_F_NUMA_BALANCING", MPOL_F_NUMA_BALANCING},
    {"MPOL_F_RELATIVE_NODES", MPOL_F_RELATIVE_NODES},
    {"MPOL_F_STATIC_NODES", MPOL_F_STATIC_NODES},
};

// SCMP_ACT_KILL is libseccomp's older name of SCMP_ACT_KILL_THREAD.
inline constexpr Word<SeccompAction> kSeccompActions[] = {
    {"SCMP_ACT_ALLOW", SeccompAction::allow},
    {"SCMP_ACT_ERRNO", SeccompAction::error},
    {"SCMP_ACT_KILL", SeccompAction::kill_thread},
    {"SCMP_ACT_KILL_PROCESS", SeccompAction::kill_process},
    {"SCMP_ACT_KILL_THREAD", SeccompAction::kill_thread},
    {"SCMP_ACT_LOG", SeccompAction::log},
    {"SCMP_ACT_NOTIFY", SeccompAction::notify},
    {"SCMP_ACT_TRACE", SeccompAction::trace},
    {"SCMP_ACT_TRAP", SeccompAction::trap},
};

inline constexpr Word<SeccompOperator> kSeccompOperators[] = {
    {"SCMP_CMP_EQ", SeccompOperator::eq}, {"SCMP_CMP_GE", SeccompOperator::ge},
    {"SCMP_CMP_GT", SeccompOperator::gt}, {"SCMP_CMP_LE", SeccompOperator::le},
    {"SCMP_CMP_LT", SeccompOperator::lt}, {"SCMP_CMP_MASKED_EQ", SeccompOperator::masked_eq},
    {"SCMP_CMP_NE", SeccompOperator::ne},
};

// The profile keeps these two as words.
struct Kept {};
inline constexpr Word<Kept> kSeccompArchitectures[] = {
    {"SCMP_ARCH_AARCH64", {}},     {"SCMP_ARCH_ARM", {}},    {"SCMP_ARCH_LOONGARCH64", {}},
    {"SCMP_ARCH_M68K", {}},        {"SCMP_ARCH_MIPS", {}},   {"SCMP_ARCH_MIPS64", {}},
    {"SCMP_ARCH_MIPS64N32", {}},   {"SCMP_ARCH_MIPSEL", {}}, {"SCMP_ARCH_MIPSEL64", {}},
    {"SCMP_ARCH_MIPSEL64N32", {}}, {"SCMP_ARCH_PARISC", {}}, {"SCMP_ARCH_PARISC64", {}},
    {"SCMP_ARCH_PPC", {}},         {"SCMP_ARCH_PPC64", {}},  {"SCMP_ARCH_PPC64LE", {}},
    {"SCMP_ARCH_RISCV64", {}},     {"SCMP_ARCH_S390", {}},   {"SCMP_ARCH_S390X", {}},
    {"SCMP_ARCH_SH", {}},          {"SCMP_ARCH_SHEB", {}},   {"SCMP_ARCH_X32", {}},
    {"SCMP_ARCH_X86", {}},         {"SCMP_ARCH_X86_64", {}},
};
inline constexpr Word<Kept> kSeccompFlags[] = {
    {"SECCOMP_FILTER_FLAG_LOG", {}},
    {"SECCOMP_FILTER_FLAG_SPEC_ALLOW", {}},
    {"SECCOMP_FILTER_FLAG_TSYNC", {}},
    {"SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV", {}},
};

inline constexpr Word<Propagation> kPropagations[] = {
    {"private", Propagation::is_private},
    {"shared", Propagation::shared},
    {"slave", Propagation::slave},
    {"unbindable", Propagation::unbindable},
};

}  // namespace mydocker::oci
