#include "namespaces/network/egress.hpp"

#include "namespaces/network/firewall_rules.hpp"

namespace mydocker::network {

void plan_egress(const ContainerSpec& spec, const HostFacts& facts, StagePlan& out) {
  const Firewall which = facts.network.firewall;
  out.prepare.push_back(
      {StartFirewall{which}, "it takes a moment to load, and the rest goes on meanwhile", {}, {}});
  out.attach.push_back({AddRules{which,
                                 AF_INET,
                                 {facts.record_folder, spec.id},
                                 egress_rules(*spec.network.egress, AF_INET),
                                 {}},
                        "inside, whatever leads out; without NET_ADMIN nobody inside can change it",
                        {},
                        {}});
  out.finish.push_back(
      {AwaitRules{}, "the kernel took them while the child was on its way", {}, {}});
}

}  // namespace mydocker::network
