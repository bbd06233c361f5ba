#include "helpers/names.hpp"

#include <linux/capability.h>
#include <linux/sched.h>

#include <csignal>
#include <cstring>
#include <iterator>

#include "helpers/text.hpp"

namespace mydocker::names {
namespace {

struct Flag {
  std::uint64_t bit;
  std::string_view name;
};

constexpr Flag kCloneFlags[] = {
    {CLONE_NEWUSER, "CLONE_NEWUSER"}, {CLONE_NEWCGROUP, "CLONE_NEWCGROUP"},
    {CLONE_NEWNET, "CLONE_NEWNET"},   {CLONE_NEWUTS, "CLONE_NEWUTS"},
    {CLONE_NEWIPC, "CLONE_NEWIPC"},   {CLONE_NEWPID, "CLONE_NEWPID"},
    {CLONE_NEWNS, "CLONE_NEWNS"},     {CLONE_NEWTIME, "CLONE_NEWTIME"},
    {CLONE_PIDFD, "CLONE_PIDFD"},
};

// In the order of their numbers, see <linux/capability.h>.
constexpr std::string_view kCapabilities[] = {
    "chown",
    "dac_override",
    "dac_read_search",
    "fowner",
    "fsetid",
    "kill",
    "setgid",
    "setuid",
    "setpcap",
    "linux_immutable",
    "net_bind_service",
    "net_broadcast",
    "net_admin",
    "net_raw",
    "ipc_lock",
    "ipc_owner",
    "sys_module",
    "sys_rawio",
    "sys_chroot",
    "sys_ptrace",
    "sys_pacct",
    "sys_admin",
    "sys_boot",
    "sys_nice",
    "sys_resource",
    "sys_time",
    "sys_tty_config",
    "mknod",
    "lease",
    "audit_write",
    "audit_control",
    "setfcap",
    "mac_override",
    "mac_admin",
    "syslog",
    "wake_alarm",
    "block_suspend",
    "audit_read",
    "perfmon",
    "bpf",
    "checkpoint_restore",
};

}  // namespace

std::string clone_flags(std::uint64_t flags) {
  std::vector<std::string> found;
  for (const auto& flag : kCloneFlags) {
    if ((flags & flag.bit) != 0) found.emplace_back(flag.name);
  }
  return text::join(found, "|");
}

std::string capability(int number) {
  if (number >= 0 && number < static_cast<int>(std::size(kCapabilities))) {
    return std::string(kCapabilities[number]);
  }
  return "capability " + std::to_string(number);
}

std::string capabilities(const std::vector<int>& numbers) {
  std::vector<std::string> found;
  for (const int number : numbers) found.push_back(capability(number));
  return text::join(found, ", ");
}

std::string signal(int number) {
  const char* const name = sigabbrev_np(number);
  return name != nullptr ? std::string("SIG") + name : "signal " + std::to_string(number);
}

}  // namespace mydocker::names
