#include "namespaces/network/firewall_rules.hpp"

#include "helpers/addresses.hpp"

namespace mydocker::network {
namespace {

OfAddress loopback() { return {*addresses::parse_subnet("127.0.0.0/8"), false}; }
OfAddress own(int family, bool is_not) {
  return {addresses::alone(addresses::own(family)), is_not};
}

void add_port(const PublishedPort& port, std::vector<FirewallRule>& out) {
  FirewallRule rule{.chain = RuleChain::output,
                    .transport = port.transport,
                    .port = port.host,
                    .verdict = Verdict::redirect,
                    .to_port = port.container};
  if (addresses::is_any(port.address))
    rule.to_this_host = true;
  else
    rule.destination = OfAddress{addresses::alone(port.address), false};
  out.push_back(rule);
  // What others send passes PREROUTING; a port of the loopback must not be there at all: a neighbour
  // on the host's network could ask for 127.0.0.1 by the host's hardware address.
  if (addresses::is_loopback(port.address)) return;
  rule.chain = RuleChain::prerouting;
  out.push_back(rule);
}

}  // namespace

std::vector<FirewallRule> shared_rules(int family) {
  const OfLink ours{std::string(kLinks), false};
  std::vector<FirewallRule> out{
      {.in = ours, .out = ours},
      {.out = ours, .is_expected = true, .verdict = Verdict::accept},
      {.out = ours},
      {.in = ours, .verdict = Verdict::accept},
  };
  if (family == AF_INET6) return out;  // nothing leads ::1 to another interface
  // Nothing from a container reaches the host's loopback, though route_localnet is on.
  out.insert(out.begin(),
             {.chain = RuleChain::prerouting_raw, .in = ours, .destination = loopback()});
  // A port that was published on the loopback: the container could not answer to 127.0.0.1.
  out.push_back({.chain = RuleChain::postrouting,
                 .out = ours,
                 .source = loopback(),
                 .verdict = Verdict::masquerade});
  return out;
}

std::vector<FirewallRule> own_rules(const std::string& link,
                                    const std::vector<PublishedPort>& ports, int family) {
  std::vector<FirewallRule> out{
      // rp_filter says the same, but another setting of the host may loosen it; IPv6 has none.
      {.chain = RuleChain::prerouting_raw, .in = {link, false}, .source = own(family, true)},
      {.chain = RuleChain::postrouting,
       .out = {std::string(kLinks), true},
       .source = own(family, false),
       .verdict = Verdict::masquerade},
  };
  for (const auto& port : ports) {
    if (port.address.family == family) add_port(port, out);
  }
  return out;
}

std::vector<FirewallRule> original_rules(const std::string& link) {
  const OfLink it{link, false};
  return {
      {.chain = RuleChain::prerouting_raw, .in = it, .source = own(AF_INET, true)},
      {.out = it, .is_expected = true, .verdict = Verdict::accept},
      {.out = it},
      {.in = it, .verdict = Verdict::accept},
      {.chain = RuleChain::postrouting,
       .out = {link, true},
       .source = own(AF_INET, false),
       .verdict = Verdict::masquerade},
  };
}

std::vector<FirewallRule> bridge_rules(const std::string& bridge, bool is_open,
                                       const std::vector<PublishedPort>& ports) {
  constexpr RuleChain kFirst = RuleChain::forward_first;
  const OfLink on{bridge, false}, elsewhere{bridge, true}, routed{std::string(kLinks), false};
  const OfAddress its = own(AF_INET, false);
  std::vector<FirewallRule> out{
      {.chain = RuleChain::prerouting_raw, .in = on, .destination = loopback()},
      // Drops before all that anybody accepts, so that the order of containers does not matter.
      {.chain = kFirst, .in = routed, .out = on, .destination = its},
      {.chain = kFirst, .in = on, .out = routed, .source = its},
  };
  // Over the bridge, with br_netfilter, or back over it by way of the host.
  if (!is_open) {
    out.push_back({.chain = kFirst, .in = on, .out = on, .source = its});
    out.push_back({.chain = kFirst, .in = on, .out = on, .destination = its});
  }
  out.insert(out.end(), {
                            {.chain = kFirst,
                             .in = elsewhere,
                             .out = on,
                             .destination = its,
                             .is_expected = true,
                             .verdict = Verdict::accept},
                            {.chain = kFirst, .in = elsewhere, .out = on, .destination = its},
                            {.in = on, .out = elsewhere, .source = its, .verdict = Verdict::accept},
                        });
  if (is_open) out.push_back({.in = on, .out = on, .destination = its, .verdict = Verdict::accept});
  out.insert(out.end(), {
                            {.chain = RuleChain::postrouting,
                             .out = on,
                             .source = loopback(),
                             .destination = its,
                             .verdict = Verdict::masquerade},
                            {.chain = RuleChain::postrouting,
                             .out = elsewhere,
                             .source = its,
                             .verdict = Verdict::masquerade},
                        });
  for (const auto& port : ports) add_port(port, out);
  return out;
}

std::vector<FirewallRule> egress_rules(const std::vector<Egress>& allowed, int family) {
  constexpr RuleChain kChain = RuleChain::egress;
  std::vector<FirewallRule> out{
      {.chain = kChain, .out = {"lo", false}, .verdict = Verdict::accept},
      {.chain = kChain, .is_expected = true, .verdict = Verdict::accept},
  };
  if (family == AF_INET6) {
    // What the kernel itself sends: who is at the other end of the wire (RFC 4861), and which groups
    // it listens to (RFC 3810). IPv4 asks by ARP, which passes no such rules.
    constexpr std::uint8_t kOfTheKernel[] = {135, 136, 143};
    for (const auto type : kOfTheKernel)
      out.push_back({.chain = kChain, .icmp6_type = type, .verdict = Verdict::accept});
  }
  for (const auto& [to, port] : allowed) {
    if (to.address.family != family) continue;
    FirewallRule rule{
        .chain = kChain, .destination = OfAddress{to, false}, .verdict = Verdict::accept};
    if (!port) {
      out.push_back(rule);
      continue;
    }
    rule.port = *port;
    for (const auto transport : {Transport::tcp, Transport::udp}) {
      rule.transport = transport;
      out.push_back(rule);
    }
  }
  out.push_back({.chain = kChain, .verdict = Verdict::refuse});
  return out;
}

}  // namespace mydocker::network
