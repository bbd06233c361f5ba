#include "namespaces/network/cni.hpp"

#include "namespaces/network/egress.hpp"

namespace mydocker::network {

void plan_cni(const ContainerSpec& spec, const HostFacts& facts, StagePlan& out) {
  const SharedUse use{facts.record_folder, spec.id};
  const auto& network = *spec.network.cni;
  for (const auto& port : spec.network.ports)
    out.prepare.push_back(
        {HoldPort{port}, "a port that is in use is told before anything is made", {}, {}});
  out.attach.push_back({OpenCni{use, network},
                        "whatever ends MyDocker, somebody can have the plugins take it out",
                        {CloseCni{use}},
                        {}});
  for (const auto& plugin : network.plugins)
    out.attach.push_back({AddByPlugin{use, plugin},
                          "it reads that, and what the plugin before it answered",
                          {},
                          {}});
  if (!spec.network.egress) return;
  plan_egress(spec, facts, out);
  out.enter.push_back({WriteFile{"/proc/sys/net/ipv6/conf/all/disable_ipv6", "1", Missing::is_fine},
                       "--egress speaks of IPv4, and the plugins may have given it more",
                       {},
                       {}});
}

}  // namespace mydocker::network
