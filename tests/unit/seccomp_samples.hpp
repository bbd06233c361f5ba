// Profiles for the tests of the compiler.
#pragma once

#include <cerrno>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "mydocker/seccomp_profile.hpp"
#include "seccomp/call_table.hpp"

namespace mydocker::test {

inline SeccompRule allow(std::vector<std::string> names,
                         std::vector<SeccompArgument> arguments = {}) {
  return {std::move(names), SeccompAction::allow, std::nullopt, std::move(arguments)};
}

inline SeccompRule refuse(std::vector<std::string> names, unsigned error,
                          std::vector<SeccompArgument> arguments = {}) {
  return {std::move(names), SeccompAction::error, error, std::move(arguments)};
}

inline SeccompArgument when(unsigned index, SeccompOperator op, std::uint64_t value,
                            std::uint64_t value_two = 0) {
  return {index, value, value_two, op};
}

// EPERM for all but `rules`.
inline SeccompProfile refusing(std::vector<SeccompRule> rules,
                               std::vector<std::string> architectures = {}) {
  SeccompProfile out;
  out.architectures = std::move(architectures);
  out.rules = std::move(rules);
  return out;
}

// In the manner of the engines' defaults: more than 400 names are allowed, some calls depend on
// their arguments, three architectures.
inline SeccompProfile engine_like() {
  const std::set<std::string_view> refused{"acct",
                                           "add_key",
                                           "adjtimex",
                                           "bpf",
                                           "clock_adjtime",
                                           "clock_settime",
                                           "create_module",
                                           "delete_module",
                                           "fanotify_init",
                                           "finit_module",
                                           "fsconfig",
                                           "fsmount",
                                           "fsopen",
                                           "fspick",
                                           "get_kernel_syms",
                                           "get_mempolicy",
                                           "init_module",
                                           "io_uring_enter",
                                           "io_uring_register",
                                           "io_uring_setup",
                                           "ioperm",
                                           "iopl",
                                           "kcmp",
                                           "kexec_file_load",
                                           "kexec_load",
                                           "keyctl",
                                           "lookup_dcookie",
                                           "mbind",
                                           "mount",
                                           "mount_setattr",
                                           "move_mount",
                                           "move_pages",
                                           "name_to_handle_at",
                                           "nfsservctl",
                                           "open_by_handle_at",
                                           "open_tree",
                                           "perf_event_open",
                                           "pidfd_getfd",
                                           "pivot_root",
                                           "process_madvise",
                                           "process_vm_readv",
                                           "process_vm_writev",
                                           "ptrace",
                                           "query_module",
                                           "quotactl",
                                           "reboot",
                                           "request_key",
                                           "set_mempolicy",
                                           "setdomainname",
                                           "sethostname",
                                           "setns",
                                           "settimeofday",
                                           "stime",
                                           "swapoff",
                                           "swapon",
                                           "syslog",
                                           "umount",
                                           "umount2",
                                           "unshare",
                                           "uselib",
                                           "userfaultfd",
                                           "ustat",
                                           "vhangup",
                                           "vm86",
                                           "vm86old",
                                           "clone",
                                           "clone3",
                                           "personality",
                                           "socket"};
  SeccompRule allowed = allow({});
  for (const auto& call : seccomp::calls()) {
    if (!refused.contains(call.name)) allowed.names.emplace_back(call.name);
  }
  SeccompProfile out = refusing({allowed}, {"SCMP_ARCH_X86_64", "SCMP_ARCH_X86", "SCMP_ARCH_X32"});
  for (const std::uint64_t persona : {0x0U, 0x8U, 0x20000U, 0x20008U, 0xFFFFFFFFU}) {
    out.rules.push_back(allow({"personality"}, {when(0, SeccompOperator::eq, persona)}));
  }
  constexpr std::uint64_t kNewNamespaces = 0x7E020000;
  out.rules.push_back(allow({"clone"}, {when(0, SeccompOperator::masked_eq, kNewNamespaces, 0)}));
  out.rules.push_back(refuse({"clone3"}, ENOSYS));
  constexpr std::uint64_t kNetlink = 16, kAudit = 9;
  out.rules.push_back(
      refuse({"socket"}, EINVAL,
             {when(0, SeccompOperator::eq, kNetlink), when(2, SeccompOperator::eq, kAudit)}));
  out.rules.push_back(allow({"socket"}, {when(0, SeccompOperator::ne, kNetlink)}));
  out.rules.push_back(allow({"socket"}, {when(2, SeccompOperator::ne, kAudit)}));
  return out;
}

}  // namespace mydocker::test
