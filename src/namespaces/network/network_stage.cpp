// Kernel idea   interfaces, addresses, routes, ports, firewall rules: a network stack of its own.
// We ask        CLONE_NEWNET; loopback up; who may ping without a raw socket.
// Order         /proc/sys is still writable here; the mount stage makes it read-only.
// If it fails   EPERM on loopback: the network namespace belongs to another user namespace.
// Man page      network_namespaces(7), icmp(7)
#include "namespaces/network/network_stage.hpp"

#include <linux/sched.h>

#include <algorithm>

namespace mydocker::network {
namespace {

// The kernel takes group ids up to 2^31 - 1 here.
constexpr std::uint32_t kLastGid = 2147483647;

std::uint32_t last_mapped_gid(const ContainerSpec& spec) {
  if (!spec.namespaces.user) return kLastGid;
  std::uint32_t last = 0;
  for (const auto& range : spec.id_map) {
    if (range.inside <= last) last = std::max(last, range.inside + range.count - 1);
  }
  return std::min(last, kLastGid);
}

}  // namespace

StagePlan plan(const ContainerSpec& spec, const HostFacts&) {
  return {
      .clone_flags = CLONE_NEWNET,
      .enter = {{RaiseLoopback{}, "a new network has one interface, and even that is down"},
                {WriteFile{"/proc/sys/net/ipv4/ping_group_range",
                           "0 " + std::to_string(last_mapped_gid(spec)), Missing::is_fine},
                 "ping by a datagram socket, for every group: no NET_RAW needed"}},
  };
}

}  // namespace mydocker::network
