#include "namespaces/network/nat.hpp"

#include <algorithm>
#include <cstdint>

#include "helpers/addresses.hpp"
#include "mydocker/error.hpp"
#include "namespaces/network/firewall_rules.hpp"

namespace mydocker::network {
namespace {

// Whether routes of other containers of ours are in the way, too.
enum class OurRoutes { count, do_not_count };

const Route* in_the_way(const Subnet& subnet, const std::vector<Route>& routes, OurRoutes ours) {
  const auto found = std::find_if(routes.begin(), routes.end(), [&](const Route& route) {
    const bool counts = ours == OurRoutes::count || !route.link.starts_with("myd");
    return route.to.prefix > 0 && counts && addresses::overlap(route.to, subnet);
  });
  return found == routes.end() ? nullptr : &*found;
}

[[noreturn]] void refuse(const Subnet& subnet, const Route& route, const std::string& advice) {
  throw SetupError("network", "use the subnet " + addresses::text(subnet), 0,
                   "a route of this host leads to " + addresses::text(route.to) +
                       (route.link.empty() ? "" : " over " + route.link) + ": " + advice);
}

// What the two kinds differ in.
struct Pair {
  std::string outside, inside;
  Subnet subnet;
  unsigned prefix = 32;  // of both ends' addresses
};

Pair pair_of(const ContainerSpec& spec, const NetworkFacts& facts) {
  if (spec.network.kind == NetworkKind::nat)
    return {link_name(spec.id), "eth0", choose_subnet(spec.network, facts)};
  const Subnet subnet = *addresses::parse_subnet("172.16.1.0/24");
  const Route* const route = in_the_way(subnet, facts.routes, OurRoutes::count);
  if (route != nullptr)
    refuse(subnet, *route, "the original's plan serves one container; use --network nat");
  return {"veth1", "vpeer1", subnet, subnet.prefix};
}

class NatSteps {
 public:
  NatSteps(const ContainerSpec& spec, const HostFacts& facts, StagePlan& out)
      : spec_(spec),
        facts_(facts),
        out_(out),
        pair_(pair_of(spec, facts.network)),
        host_(addresses::nth(pair_.subnet, 1)),
        use_{facts.record_folder, spec.id} {}

  void add_all() {
    ports();
    forwarding();
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

  void forwarding() {
    for (const auto& link : facts_.network.uplinks()) {
      prepare(EnableForwarding{link, use_},
              "answers come in there; ip_forward would change every interface",
              {RestoreForwarding{link, use_}});
    }
  }

  void host_end() {
    const std::string& link = pair_.outside;
    const std::string settings = "/proc/sys/net/ipv4/conf/" + link + "/";
    on_host(AddVethPair{link, pair_.inside, facts_.network.mtu},
            "a wire between the two networks; it goes with either of its ends");
    on_host(WithoutIpv6{link}, "the kernel would give it a link-local address by itself");
    on_host(AddAddress{link, {host_, pair_.prefix}},
            is_routed() ? "the container's next hop; the same on each pair"
                        : "the container's next hop");
    attach(WriteFile{settings + "rp_filter", "1"},
           "what claims another's address as its sender's is dropped");
    attach(WriteFile{settings + "forwarding", "1"}, "what comes out of the container may go on");
    if (publishes_on_loopback())
      attach(WriteFile{settings + "route_localnet", "1"},
             "a port is published on 127.0.0.1: the way there leads over this interface");
    on_host(RaiseLink{link}, "a new interface is down");
    attach(
        TakeAddress{link, is_routed() ? pair_.subnet : Subnet{pair_.subnet.address, kOneAddress}},
        "the kernel lets one route to an address in, so nobody else has it");
  }

  void container_end() {
    const std::string& link = pair_.inside;
    inside(WithoutIpv6{link}, "nobody asked for IPv6");
    inside(AddAddress{link, {kOwnAddress, pair_.prefix}},
           is_routed() ? "alone in its network: there is no neighbour to listen to or to deceive"
                       : "as the original has it");
    inside(RaiseLink{link}, "both ends have to be up");
    if (is_routed())
      inside(AddRoute{link, addresses::alone(host_), std::nullopt}, "the host is at the other end");
    inside(AddRoute{link, std::nullopt, host_}, "and everything else is behind it");
  }

  void firewall() {
    const Firewall which = facts_.network.firewall;
    prepare(StartFirewall{which}, "it takes a moment to load, and the rest goes on meanwhile");
    AddRules rules{which, use_, {}, original_rules(pair_.outside)};
    if (is_routed()) {
      rules.shared = shared_rules();
      rules.own = own_rules(pair_.outside, spec_.network.ports);
    }
    attach(std::move(rules), "what may pass, and under whose address",
           {ForgetConnections{spec_.network.ports}, RemoveRules{which, use_}});
    finish(AwaitRules{}, "the kernel took them while the child was on its way");
    constexpr std::string_view kForgotten =
        "packets of a connection that an earlier owner had would go where it was";
    // Until its rules are there, who speaks to a port makes a connection to the host's own.
    if (spec_.network.ports.empty())
      attach(ForgetConnections{}, kForgotten);
    else
      finish(ForgetConnections{spec_.network.ports}, kForgotten);
  }

  void egress() {
    if (!spec_.network.egress) return;
    attach(AddRules{facts_.network.firewall, use_, egress_rules(*spec_.network.egress), {}},
           "inside, since what is for the host itself passes no FORWARD; without NET_ADMIN nobody "
           "inside can change it");
  }

  [[nodiscard]] bool is_routed() const { return spec_.network.kind == NetworkKind::nat; }

  [[nodiscard]] bool publishes_on_loopback() const {
    const auto& ports = spec_.network.ports;
    return std::any_of(ports.begin(), ports.end(), [](const PublishedPort& port) {
      return addresses::is_loopback(port.address) || addresses::is_any(port.address);
    });
  }

  const ContainerSpec& spec_;
  const HostFacts& facts_;
  StagePlan& out_;
  // A network of so many bits has one address for a container: the original's.
  static constexpr unsigned kOneAddress = 30;

  Pair pair_;
  IpAddress host_;
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

Subnet choose_subnet(const NetworkRequest& request, const NetworkFacts& facts) {
  if (request.subnet) {
    const Route* const route = in_the_way(*request.subnet, facts.routes, OurRoutes::do_not_count);
    if (route != nullptr) refuse(*request.subnet, *route, "choose another --subnet");
    return *request.subnet;
  }
  // 172.16.1.0/24 as the original, then the rest of the private 172.16.0.0/12.
  constexpr unsigned kFirst = 16, kLast = 31, kThird = 256, kPrefix = 24;
  Subnet subnet{{AF_INET, {172}}, kPrefix};
  for (unsigned i = 1; i < (kLast - kFirst + 1) * kThird; ++i) {
    subnet.address.bytes[1] = static_cast<std::uint8_t>(kFirst + i / kThird);
    subnet.address.bytes[2] = static_cast<std::uint8_t>(i % kThird);
    if (in_the_way(subnet, facts.routes, OurRoutes::do_not_count) == nullptr) return subnet;
  }
  throw SetupError("network", "find a subnet for containers", 0,
                   "this host has routes to all of 172.16.0.0/12: choose one by --subnet");
}

void plan_nat(const ContainerSpec& spec, const HostFacts& facts, StagePlan& out) {
  NatSteps(spec, facts, out).add_all();
}

}  // namespace mydocker::network
