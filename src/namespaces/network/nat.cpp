#include "namespaces/network/nat.hpp"

#include <algorithm>
#include <cstdint>

#include "helpers/addresses.hpp"
#include "mydocker/error.hpp"
#include "namespaces/network/firewall_rules.hpp"

namespace mydocker::network {
namespace {

constexpr const char* kInside = "eth0";

// The route that stands in the way; those of our own pairs do not.
const Route* in_the_way(const Subnet& subnet, const std::vector<Route>& routes) {
  const auto found = std::find_if(routes.begin(), routes.end(), [&](const Route& route) {
    return route.to.prefix > 0 && !route.link.starts_with("myd") &&
           addresses::overlap(route.to, subnet);
  });
  return found == routes.end() ? nullptr : &*found;
}

class NatSteps {
 public:
  NatSteps(const ContainerSpec& spec, const HostFacts& facts, StagePlan& out)
      : spec_(spec),
        facts_(facts),
        out_(out),
        link_(link_name(spec.id)),
        subnet_(choose_subnet(spec.network, facts.network)),
        host_(addresses::nth(subnet_, 1)),
        use_{facts.record_folder, spec.id} {}

  void add_all() {
    ports();
    forwarding();
    host_end();
    container_end();
    firewall();
  }

 private:
  void prepare(Action action, std::string_view why, std::vector<Action> undo = {}) {
    out_.prepare.push_back({std::move(action), why, std::move(undo), {}});
  }
  void attach(Action action, std::string_view why, std::vector<Action> undo = {}) {
    out_.attach.push_back({std::move(action), why, std::move(undo), {}});
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
    const std::string settings = "/proc/sys/net/ipv4/conf/" + link_ + "/";
    on_host(AddVethPair{link_, kInside, facts_.network.mtu},
            "a wire between the two networks; it goes with either of its ends");
    on_host(WithoutIpv6{link_}, "the kernel would give it a link-local address by itself");
    on_host(AddAddress{link_, addresses::alone(host_)},
            "the container's next hop; the same on each pair");
    attach(WriteFile{settings + "rp_filter", "1"},
           "what claims another's address as its sender's is dropped");
    attach(WriteFile{settings + "forwarding", "1"}, "what comes out of the container may go on");
    if (publishes_on_loopback())
      attach(WriteFile{settings + "route_localnet", "1"},
             "a port is published on 127.0.0.1: the way there leads over this interface");
    on_host(RaiseLink{link_}, "a new interface is down");
    attach(TakeAddress{link_, subnet_},
           "the kernel lets one route to an address in, so nobody else has it");
  }

  void container_end() {
    inside(WithoutIpv6{kInside}, "nobody asked for IPv6");
    inside(AddAddress{kInside, {kOwnAddress, addresses::bits(AF_INET)}},
           "alone in its network: there is no neighbour to listen to or to deceive");
    inside(RaiseLink{kInside}, "both ends have to be up");
    inside(AddRoute{kInside, addresses::alone(host_), std::nullopt},
           "the host is at the other end");
    inside(AddRoute{kInside, std::nullopt, host_}, "and everything else is behind it");
  }

  void firewall() {
    const Firewall which = facts_.network.firewall;
    attach(AddRules{which, use_, shared_rules(), own_rules(link_, spec_.network.ports)},
           "what may pass, and under whose address",
           {ForgetConnections{spec_.network.ports}, RemoveRules{which, use_}});
    attach(ForgetConnections{spec_.network.ports},
           "packets of a connection that an earlier owner had would go where it was");
  }

  [[nodiscard]] bool publishes_on_loopback() const {
    const auto& ports = spec_.network.ports;
    return std::any_of(ports.begin(), ports.end(), [](const PublishedPort& port) {
      return addresses::is_loopback(port.address) || addresses::is_any(port.address);
    });
  }

  const ContainerSpec& spec_;
  const HostFacts& facts_;
  StagePlan& out_;
  std::string link_;
  Subnet subnet_;
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
    const Route* const route = in_the_way(*request.subnet, facts.routes);
    if (route == nullptr) return *request.subnet;
    throw SetupError("network", "use the subnet " + addresses::text(*request.subnet), 0,
                     "a route of this host leads to " + addresses::text(route->to) +
                         (route->link.empty() ? "" : " over " + route->link) +
                         ": choose another --subnet");
  }
  // 172.16.1.0/24 as the original, then the rest of the private 172.16.0.0/12.
  constexpr unsigned kFirst = 16, kLast = 31, kThird = 256, kPrefix = 24;
  Subnet subnet{{AF_INET, {172}}, kPrefix};
  for (unsigned i = 1; i < (kLast - kFirst + 1) * kThird; ++i) {
    subnet.address.bytes[1] = static_cast<std::uint8_t>(kFirst + i / kThird);
    subnet.address.bytes[2] = static_cast<std::uint8_t>(i % kThird);
    if (in_the_way(subnet, facts.routes) == nullptr) return subnet;
  }
  throw SetupError("network", "find a subnet for containers", 0,
                   "this host has routes to all of 172.16.0.0/12: choose one by --subnet");
}

void plan_nat(const ContainerSpec& spec, const HostFacts& facts, StagePlan& out) {
  NatSteps(spec, facts, out).add_all();
}

}  // namespace mydocker::network
