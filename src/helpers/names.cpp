#include "helpers/names.hpp"

#include <linux/capability.h>
#include <linux/sched.h>

#include <algorithm>
#include <csignal>
#include <cstring>
#include <iterator>

#include "helpers/numbers.hpp"
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

std::string resource_limit(int number) {
  // In the order of their numbers.
  static constexpr const char* kNames[] = {
      "cpu",     "fsize", "data",  "stack",      "core",     "rss",  "nproc",  "nofile",
      "memlock", "as",    "locks", "sigpending", "msgqueue", "nice", "rtprio", "rttime"};
  if (number < 0 || number >= static_cast<int>(std::size(kNames))) return std::to_string(number);
  return kNames[number];
}

std::optional<int> parse_capability(std::string_view name) {
  std::string lower;
  for (const char c : name) lower += c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  if (lower.starts_with("cap_")) lower.erase(0, 4);
  const auto* const found = std::find(std::begin(kCapabilities), std::end(kCapabilities), lower);
  if (found == std::end(kCapabilities)) return std::nullopt;
  return static_cast<int>(found - std::begin(kCapabilities));
}

std::optional<int> parse_signal(std::string_view word) {
  constexpr int kLast = 64, kFirstRealTime = 34;
  if (const auto number = numbers::parse(word, kLast)) {
    return *number > 0 ? std::optional(static_cast<int>(*number)) : std::nullopt;
  }
  std::string name;
  for (const char c : word) name += c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
  if (name.starts_with("SIG")) name.erase(0, 3);
  for (int number = 1; number < kFirstRealTime; ++number) {
    const char* const known = sigabbrev_np(number);
    if (known != nullptr && name == known) return number;
  }
  const auto offset = [&](std::string_view begin) {
    return name.starts_with(begin)
               ? numbers::parse(name.substr(begin.size()), kLast - kFirstRealTime)
               : std::nullopt;
  };
  if (name == "RTMIN") return kFirstRealTime;
  if (name == "RTMAX") return kLast;
  if (const auto above = offset("RTMIN+")) return kFirstRealTime + static_cast<int>(*above);
  if (const auto below = offset("RTMAX-")) return kLast - static_cast<int>(*below);
  return std::nullopt;
}

}  // namespace mydocker::names
