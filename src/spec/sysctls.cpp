#include "spec/sysctls.hpp"

#include <algorithm>

#include "helpers/text.hpp"

namespace mydocker {
namespace {

// Settings of System V IPC, see ipc_namespaces(7).
constexpr std::string_view kIpcSettings[] = {
    "kernel.auto_msgmni",     "kernel.msg_next_id", "kernel.msgmax",      "kernel.msgmnb",
    "kernel.msgmni",          "kernel.sem",         "kernel.sem_next_id", "kernel.shm_next_id",
    "kernel.shm_rmid_forced", "kernel.shmall",      "kernel.shmmax",      "kernel.shmmni",
};

// Names of the kernel's, and of network interfaces.
bool may_stand_in_a_name(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
         std::string_view("_-/:@").find(c) != std::string_view::npos;
}

}  // namespace

std::string sysctl_in_dots(std::string_view name) {
  std::string out(name);
  const auto first = out.find_first_of("./");
  if (first == std::string::npos || out[first] == '.') return out;
  for (char& c : out) c = c == '.' ? '/' : c == '/' ? '.' : c;
  return out;
}

bool is_sysctl(std::string_view name) {
  const auto parts = text::split(name, '.');
  return std::all_of(parts.begin(), parts.end(), [](std::string_view part) {
    return part.find_first_not_of('/') != std::string_view::npos && !part.starts_with('/') &&
           !part.ends_with('/') && std::all_of(part.begin(), part.end(), may_stand_in_a_name);
  });
}

std::pair<const NamespaceUse*, std::string_view> owner_of_sysctl(std::string_view name,
                                                                 const Namespaces& all) {
  if (name.starts_with("net.")) return {&all.network, "network"};
  if (name.starts_with("user.")) return {&all.user, "user"};
  if (name == "kernel.domainname") return {&all.uts, "uts"};
  const bool is_ipc =
      name.starts_with("fs.mqueue.") ||
      std::find(std::begin(kIpcSettings), std::end(kIpcSettings), name) != std::end(kIpcSettings);
  if (is_ipc) return {&all.ipc, "ipc"};
  return {nullptr, ""};
}

}  // namespace mydocker
