// Kernel idea   some settings below /proc/sys are kept per namespace.
// We ask        the values that the spec names; who may ping without a raw socket is one of them.
// Order         after the namespaces that own them, before the mount stage makes /proc/sys
//               read-only.
// If it fails   EACCES: the setting belongs to another user namespace. ENOENT: no such setting.
// Man page      sysctl(8), proc(5)
#include "sysctl/sysctl_stage.hpp"

#include <algorithm>

namespace mydocker::sysctl {
namespace {

// "net.ipv4.ip_forward" as its file; an interface's name may hold dots, and is written with '/' as
// sysctl(8) has it.
std::string file_of(const std::string& name) {
  std::string out = name;
  const bool has_slash = name.find('/') != std::string::npos;
  if (has_slash && name.find('.') > name.find('/')) return "/proc/sys/" + out;
  std::replace_if(
      out.begin(), out.end(), [](char c) { return c == '.' || c == '/'; }, '\0');
  for (std::size_t i = 0; i < out.size(); ++i) {
    if (out[i] == '\0') out[i] = name[i] == '.' ? '/' : '.';
  }
  return "/proc/sys/" + out;
}

std::string_view why(std::string_view name) {
  if (name == "net.ipv4.ping_group_range")
    return "ping by a datagram socket, for every group: no NET_RAW needed";
  if (name == "user.max_user_namespaces")
    return "nobody inside becomes root of a namespace of his own, and reaches more of the kernel";
  return "a setting of the container's own namespace";
}

}  // namespace

StagePlan plan(const ContainerSpec& spec, const HostFacts&) {
  StagePlan out;
  for (const auto& [name, value, may_be_lacking] : spec.sysctls) {
    out.enter.push_back(
        {WriteFile{file_of(name), value, may_be_lacking ? Missing::is_fine : Missing::is_an_error},
         why(name),
         {},
         {}});
  }
  return out;
}

}  // namespace mydocker::sysctl
