// Kernel idea   interfaces, addresses, routes, ports, firewall rules: a network stack of its own.
// We ask        CLONE_NEWNET and loopback up; or to join a network that has a path.
// Order         before the sysctl stage, whose settings are this network's.
// If it fails   EPERM on loopback: the network namespace belongs to another user namespace.
// Man page      network_namespaces(7), icmp(7)
#include "namespaces/network/network_stage.hpp"

#include <linux/sched.h>

namespace mydocker::network {
namespace {

constexpr std::string_view kWhyJoined = "a network that is there already, shared with others";

}  // namespace

StagePlan plan(const ContainerSpec& spec, const HostFacts&) {
  StagePlan out;
  const NamespaceUse& use = spec.namespaces.network;
  if (use.is_joined()) {
    out.prepare.push_back({OpenNamespace{CLONE_NEWNET, use.path}, kWhyJoined, {}, {}});
    out.enter.push_back({JoinNamespaces{CLONE_NEWNET}, kWhyJoined, {}, {}});
  }
  if (use.is_new()) {
    out.clone_flags = CLONE_NEWNET;
    out.enter.push_back(
        {RaiseLoopback{}, "a new network has one interface, and even that is down", {}, {}});
  }
  for (const auto& device : spec.network_devices) {
    out.attach.push_back({MoveNetworkDevice{device.name, device.name_inside},
                          "asked for; it comes back to the host when the namespace ends",
                          {},
                          {}});
  }
  return out;
}

}  // namespace mydocker::network
