// Kernel idea   interfaces, addresses, routes, ports, firewall rules: a network stack of its own.
// We ask        CLONE_NEWNET and loopback up; or to join a network that has a path; for a way out a
//               pair of interfaces, one end inside, made by the host while the child waits.
// Order         before the sysctl stage, whose settings are this network's.
// If it fails   EPERM on loopback: the network namespace belongs to another user namespace.
// Man page      network_namespaces(7), veth(4), rtnetlink(7)
#include "namespaces/network/network_stage.hpp"

#include <linux/sched.h>

#include "namespaces/network/bridge.hpp"
#include "namespaces/network/cni.hpp"
#include "namespaces/network/nat.hpp"
#include "namespaces/network/pasta.hpp"

namespace mydocker::network {
namespace {

constexpr std::string_view kWhyJoined = "a network that is there already, shared with others";

void join(const ContainerSpec& spec, StagePlan& out) {
  out.prepare.push_back(
      {OpenNamespace{CLONE_NEWNET, spec.namespaces.network.path}, kWhyJoined, {}, {}});
  // Root of a new user namespace has no say in a network that belongs to another: it is entered
  // before.
  if (spec.namespaces.user.is_new())
    out.join_first = CLONE_NEWNET;
  else
    out.enter.push_back({JoinNamespaces{CLONE_NEWNET}, kWhyJoined, {}, {}});
}

}  // namespace

StagePlan plan(const ContainerSpec& spec, const HostFacts& facts) {
  StagePlan out;
  const NamespaceUse& use = spec.namespaces.network;
  if (use.is_joined()) join(spec, out);
  if (use.is_new()) {
    out.clone_flags = CLONE_NEWNET;
    out.enter.push_back(
        {RaiseLoopback{}, "a new network has one interface, and even that is down", {}, {}});
  }
  if (spec.network.kind == NetworkKind::host) {
    out.notices.emplace_back(
        "the container shares the host's network: it reaches what listens on the host's loopback, "
        "and sockets without a path");
  }
  if (spec.network.kind == NetworkKind::nat || spec.network.kind == NetworkKind::original)
    plan_nat(spec, facts, out);
  if (spec.network.kind == NetworkKind::cni) plan_cni(spec, facts, out);
  if (spec.network.kind == NetworkKind::pasta) plan_pasta(spec, facts, out);
  if (spec.network.kind == NetworkKind::bridge) plan_bridge(spec, facts, out);
  for (const auto& device : spec.network_devices) {
    out.attach.push_back({MoveNetworkDevice{device.name, device.name_inside},
                          "asked for; it comes back to the host when the namespace ends",
                          {},
                          {}});
  }
  return out;
}

}  // namespace mydocker::network
