#include "namespaces/network/nat.hpp"

#include <algorithm>
#include <cstdint>

#include "helpers/addresses.hpp"
#include "helpers/firewall_text.hpp"
#include "namespaces/network/firewall_rules.hpp"
#include "namespaces/network/subnets.hpp"

namespace mydocker::network {
namespace {

// One protocol of the pair: the container's address in it comes from `subnet`.
struct Side {
  Subnet subnet;
  unsigned prefix;  // of both ends' addresses
  IpAddress host, own;
};

Side side_of(const Subnet& subnet, unsigned prefix) {
  return {subnet, prefix, addresses::nth(subnet, 1), addresses::own(subnet.address.family)};
}

// What the two kinds differ in.
struct Pair {
  std::string outside, inside;
  std::vector<Side> sides;
};

Pair pair_of(const ContainerSpec& spec, const NetworkFacts& facts) {
  if (spec.network.kind == NetworkKind::nat) {
    Pair out{link_name(spec.id), "eth0", {}};
    for (const int family : {AF_INET, AF_INET6}) {
      if (family == AF_INET || spec.network.ipv6)
        out.sides.push_back(
            side_of(choose_subnet(spec.network, facts, family), addresses::bits(family)));
    }
    return out;
  }
  const Subnet subnet = *addresses::parse_subnet("172.16.1.0/24");
  require_free(subnet, facts, "the original's plan serves one container; use --network nat");
  return {"veth1", "vpeer1", {side_of(subnet, subnet.prefix)}};
}

class NatSteps {
 public:
  NatSteps(const ContainerSpec& spec, const HostFacts& facts, StagePlan& out)
      : spec_(spec),
        facts_(facts),
        out_(out),
        pair_(pair_of(spec, facts.network)),
        use_{facts.record_folder, spec.id} {}

  void add_all() {
    tell_of_shut_chains(facts_.network, std::string(kLinks), out_);
    ports();
    forwarding();
    if (spec_.network.ipv6) forwarding6();
    prepare(StartFirewall{facts_.network.firewall},
            "it takes a moment to load, and the rest goes on meanwhile");
    host_end();
    container_end();
    firewall();
    egress();
  }

 private:
  void prepare(Action action, std::string_view why, std::vector<Action> undo = {}) {
    out_.prepare.push_back({std::move(action), why, std::move(undo), {}});
  }
  void attach(Action action, std::string_view why, std::vector<Action> undo = {}) {
    out_.attach.push_back({std::move(action), why, std::move(undo), {}});
  }
  void finish(Action action, std::string_view why) {
    out_.finish.push_back({std::move(action), why, {}, {}});
  }
  void on_host(LinkRequest request, std::string_view why) {
    attach(Netlink{NetworkOf::host, std::move(request)}, why);
  }
  void inside(LinkRequest request, std::string_view why) {
    attach(Netlink{NetworkOf::container, std::move(request)}, why);
  }

  void ports() {
    for (const auto& port : spec_.network.ports)
      prepare(HoldPort{port}, "a port that is in use is told before anything is made");
  }

  void hold(const std::string& setting, std::string value, std::string said, std::string_view why) {
    prepare(HoldSetting{setting, std::move(value), std::move(said), use_}, why,
            {ReleaseSetting{setting, use_}});
  }

  void forwarding() {
    for (const auto& link : ways_in(spec_.network, facts_.network, AF_INET)) {
      hold("net/ipv4/conf/" + link + "/forwarding", "1", "forwarding is on for " + link,
           "what is for the container comes in there; ip_forward would change every interface");
    }
  }

  void forwarding6() {
    if (facts_.network.has_force_forwarding) {
      if (facts_.network.forwards_ipv6) return;
      for (const auto& link : ways_in(spec_.network, facts_.network, AF_INET6)) {
        hold("net/ipv6/conf/" + link + "/force_forwarding", "1",
             "forwarding of IPv6 is on for " + link,
             "the same for IPv6; all/forwarding would change every interface");
      }
      return;
    }
    for (const auto& route : facts_.network.routes) {
      if (!route.is_advertised || route.to.prefix != 0) continue;
      hold("net/ipv6/conf/" + route.link + "/accept_ra", "2",
           route.link + " listens to its router although this host forwards",
           "a host that forwards would forget its own default route");
    }
    hold("net/ipv6/conf/all/forwarding", "1", "forwarding of IPv6 is on for all interfaces",
         "this kernel has no such setting for one interface alone");
  }

  void host_end() {
    const std::string& link = pair_.outside;
    const std::string settings = "/proc/sys/net/ipv4/conf/" + link + "/";
    on_host(AddVethPair{link, pair_.inside, facts_.network.mtu},
            "a wire between the two networks; it goes with either of its ends");
    on_host(WithoutIpv6{link}, "the kernel would give it a link-local address by itself");
    for (const auto& side : pair_.sides)
      on_host(AddAddress{link, {side.host, side.prefix}},
              is_routed() ? "the container's next hop; the same on each pair"
                          : "the container's next hop");
    attach(WriteFile{settings + "rp_filter", "1"},
           "what claims another's address as its sender's is dropped");
    attach(WriteFile{settings + "forwarding", "1"}, "what comes out of the container may go on");
    if (spec_.network.ipv6) host_end6();
    if (publishes_on_loopback(spec_.network.ports))
      attach(WriteFile{settings + "route_localnet", "1"},
             "a port is published on 127.0.0.1: the way there leads over this interface");
    on_host(RaiseLink{link}, "a new interface is down");
    for (const auto& side : pair_.sides)
      attach(
          TakeAddress{link, is_routed() ? side.subnet : Subnet{side.subnet.address, kOneAddress}},
          "the kernel lets one route to an address in, so nobody else has it");
  }

  void host_end6() {
    constexpr unsigned kLinkLocalPrefix = 64;
    on_host(AddAddress{pair_.outside, {*addresses::parse("fe80::1"), kLinkLocalPrefix}},
            "in whose name the host asks who is there, for packets of others");
    if (facts_.network.has_force_forwarding)
      attach(WriteFile{"/proc/sys/net/ipv6/conf/" + pair_.outside + "/force_forwarding", "1"},
             "the same for IPv6");
  }

  void container_end() {
    const std::string& link = pair_.inside;
    inside(WithoutIpv6{link}, "a link-local address would be one that nobody asked for");
    for (const auto& side : pair_.sides)
      inside(AddAddress{link, {side.own, side.prefix}},
             is_routed() ? "alone in its network: there is no neighbour to listen to or to deceive"
                         : "as the original has it");
    inside(RaiseLink{link}, "both ends have to be up");
    for (const auto& side : pair_.sides) {
      if (is_routed())
        inside(AddRoute{link, addresses::alone(side.host), std::nullopt},
               "the host is at the other end");
      inside(AddRoute{link, std::nullopt, side.host}, "and everything else is behind it");
    }
  }

  void firewall() {
    const auto& ports = spec_.network.ports;
    for (const auto& side : pair_.sides) {
      const int family = side.host.family;
      AddRules rules{facts_.network.firewall, family, use_, {}, original_rules(pair_.outside)};
      if (is_routed()) {
        rules.shared = shared_rules(family);
        rules.own = own_rules(pair_.outside, ports, family);
      }
      attach(std::move(rules), "what may pass, and under whose address",
             {ForgetConnections{ports}, RemoveRules{facts_.network.firewall, family, use_}});
    }
    finish(AwaitRules{}, "the kernel took them while the child was on its way");
    constexpr std::string_view kForgotten =
        "packets of a connection that an earlier owner had would go where it was";
    // Until its rules are there, who speaks to a port makes a connection to the host's own.
    if (ports.empty())
      attach(ForgetConnections{}, kForgotten);
    else
      finish(ForgetConnections{ports}, kForgotten);
  }

  void egress() {
    if (!spec_.network.egress) return;
    for (const auto& side : pair_.sides) {
      const int family = side.host.family;
      attach(AddRules{facts_.network.firewall,
                      family,
                      use_,
                      egress_rules(*spec_.network.egress, family),
                      {}},
             "inside, since what is for the host itself passes no FORWARD; without NET_ADMIN "
             "nobody inside can change it");
    }
  }

  [[nodiscard]] bool is_routed() const { return spec_.network.kind == NetworkKind::nat; }

  const ContainerSpec& spec_;
  const HostFacts& facts_;
  StagePlan& out_;
  // A network of so many bits has one address for a container: the original's.
  static constexpr unsigned kOneAddress = 30;

  Pair pair_;
  SharedUse use_;
};

}  // namespace

std::string link_name(std::string_view id) {
  std::uint64_t hash = 0xcbf29ce484222325;  // FNV-1a
  for (const char c : id) hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001b3;
  std::string out = "myd";
  constexpr int kDigits = 12;
  for (int i = 0; i < kDigits; ++i, hash >>= 4) out += "0123456789abcdef"[hash & 15];
  return out;
}

std::vector<std::string> ways_in(const NetworkRequest& request, const NetworkFacts& facts,
                                 int family) {
  std::vector<std::string> out = facts.uplinks(family);
  for (const auto& port : request.ports) {
    if (port.address.family != family) continue;
    for (const auto& link : facts.links_of(port.address)) {
      const bool is_ours = link.starts_with("myd") || link == request.bridge;
      if (!is_ours && std::find(out.begin(), out.end(), link) == out.end()) out.push_back(link);
    }
  }
  return out;
}

bool publishes_on_loopback(const std::vector<PublishedPort>& ports) {
  return std::any_of(ports.begin(), ports.end(), [](const PublishedPort& port) {
    return addresses::is_loopback(port.address) || addresses::is_any(port.address);
  });
}

void tell_of_shut_chains(const NetworkFacts& facts, const std::string& links, StagePlan& out) {
  for (const auto& chain : facts.shut_chains) {
    out.notices.push_back(
        firewall::chain_text(chain) +
        " drops what is forwarded: the container reaches this host alone, until: " +
        firewall::opening_line(chain, links));
  }
}

void plan_nat(const ContainerSpec& spec, const HostFacts& facts, StagePlan& out) {
  NatSteps(spec, facts, out).add_all();
}

}  // namespace mydocker::network
