#include "namespaces/network/bridge.hpp"

#include <algorithm>

#include "helpers/addresses.hpp"
#include "mydocker/error.hpp"
#include "namespaces/network/firewall_rules.hpp"
#include "namespaces/network/nat.hpp"
#include "namespaces/network/subnets.hpp"

namespace mydocker::network {
namespace {

constexpr const char* kInside = "eth0";

[[noreturn]] void refuse(const std::string& bridge, const std::string& why) {
  throw SetupError("network", "use the bridge " + bridge, 0, why);
}

// The bridge as it is, or as it will be.
struct Place {
  Subnet address;  // the bridge's own, and the bits of its network
  HardwareAddress hardware;
  Subnet range;  // of addresses for containers
  bool has_strangers = false;
  unsigned mtu = 1500;
};

Place new_bridge(const NetworkRequest& request, const NetworkFacts& facts) {
  const Subnet subnet = choose_subnet(request, facts, AF_INET);
  const IpAddress first = addresses::nth(subnet, 1);
  return {{first, subnet.prefix}, addresses::hardware_address(first), subnet, false, facts.mtu};
}

// Who else gives addresses away begins at the first: so ours are in the upper half.
Subnet upper_half(const Subnet& network) {
  constexpr unsigned kSmallest = 29;
  if (network.prefix > kSmallest) return network;
  Subnet out{network.address, network.prefix + 1};
  out.address.bytes[network.prefix / 8] = static_cast<std::uint8_t>(
      out.address.bytes[network.prefix / 8] | 0x80U >> network.prefix % 8);
  return out;
}

Place existing_bridge(const NetworkRequest& request, const BridgeFacts& bridge) {
  const Subnet network{addresses::nth({bridge.address->address, bridge.address->prefix}, 0),
                       bridge.address->prefix};
  Place out{*bridge.address, bridge.hardware, network, false, bridge.mtu};
  out.has_strangers = bridge.hardware != addresses::hardware_address(bridge.address->address);
  if (out.has_strangers) out.range = upper_half(network);
  if (request.subnet) out.range = *request.subnet;
  if (!addresses::contains(network, out.range))
    refuse(request.bridge,
           "its network is " + addresses::text(network) + ": --subnet has to be a part of that");
  return out;
}

Place place_of(const NetworkRequest& request, const NetworkFacts& facts) {
  const auto uplinks = facts.uplinks(AF_INET);
  if (std::find(uplinks.begin(), uplinks.end(), request.bridge) != uplinks.end())
    refuse(request.bridge,
           "the host's own way out leads over it, so the container would be one more host in the "
           "network outside: use --network nat");
  if (!facts.bridge) return new_bridge(request, facts);
  if (facts.bridge->kind != "bridge")
    refuse(request.bridge, "this host has a link of that name which is no bridge");
  if (facts.bridge->address) return existing_bridge(request, *facts.bridge);
  // Another start is making it at this moment.
  Place out = new_bridge(request, facts);
  if (out.hardware == facts.bridge->hardware) return out;
  refuse(request.bridge, "it has no IPv4 address: ip address add ... dev " + request.bridge);
}

// For the outer end: higher than any other, so that a bridge which has the lowest of its ports' does
// not change.
HardwareAddress outer_hardware(const std::string& link) {
  constexpr std::size_t kFirstDigit = 3, kBytes = 4;
  HardwareAddress out("\xfeM");
  for (std::size_t i = 0; i < kBytes; ++i)
    out += static_cast<char>(std::stoi(link.substr(kFirstDigit + 2 * i, 2), nullptr, 16));
  return out;
}

class BridgeSteps {
 public:
  BridgeSteps(const ContainerSpec& spec, const HostFacts& facts, StagePlan& out)
      : request_(spec.network),
        facts_(facts.network),
        out_(out),
        place_(place_of(spec.network, facts.network)),
        link_(link_name(spec.id)),
        use_{facts.record_folder, spec.id} {}

  void add_all() {
    tell_of_shut_chains(facts_, request_.bridge, out_);
    shared();
    port();
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
  void finish(Action action, std::string_view why, std::vector<Action> undo = {}) {
    out_.finish.push_back({std::move(action), why, std::move(undo), {}});
  }
  void on_host(LinkRequest request, std::string_view why) {
    attach(Netlink{NetworkOf::host, std::move(request)}, why);
  }
  void inside(LinkRequest request, std::string_view why) {
    attach(Netlink{NetworkOf::container, std::move(request)}, why);
  }

  void shared() {
    const std::string& bridge = request_.bridge;
    for (const auto& port : request_.ports)
      prepare(HoldPort{port}, "a port that is in use is told before anything is made");
    prepare(MakeBridge{bridge, place_.address, place_.hardware, use_},
            "a switch, on which the host is, too; one that was there stays as it is",
            {LeaveBridge{bridge, use_}});
    // Nobody has to be told of a bridge that is MyDocker's own.
    hold_forwarding(bridge, facts_.bridge ? "forwarding is on for " + bridge : "",
                    "what comes out of a container may go on");
    for (const auto& link : ways_in(request_, facts_, AF_INET)) {
      hold_forwarding(
          link, "forwarding is on for " + link,
          "what is for the container comes in there; ip_forward would change every interface");
    }
    prepare(StartFirewall{facts_.firewall},
            "it takes a moment to load, and the rest goes on meanwhile");
  }

  void hold_forwarding(const std::string& link, std::string said, std::string_view why) {
    const std::string setting = "net/ipv4/conf/" + link + "/forwarding";
    prepare(HoldSetting{setting, "1", std::move(said), use_}, why, {ReleaseSetting{setting, use_}});
  }

  void port() {
    const bool is_open = request_.is_open_to_bridge;
    on_host(AddVethPair{link_, kInside, place_.mtu},
            "a cable from the bridge into the container; it goes with either of its ends");
    on_host(WithoutIpv6{link_}, "nobody asked for IPv6");
    on_host(SetHardwareAddress{link_, outer_hardware(link_)},
            "a high one: some bridges have the lowest of their ports' addresses");
    on_host(JoinBridge{link_, request_.bridge}, "from here on it is a port, and down");
    on_host(LockPort{link_, !is_open},
            is_open ? "nothing is learned of what is said there, and nothing overheard"
                    : "nothing is learned of what is said there, nothing overheard, and no other "
                      "such port reached");
    attach(TakePort{link_, request_.bridge, place_.range, place_.address.address,
                    place_.has_strangers, use_},
           "the bridge takes one entry for each address, so nobody else has it; and the host asks "
           "nobody who has it");
    on_host(AddFilters{link_}, "a port of a plain bridge takes any sender");
    on_host(FilterFrames{link_, FilterFrames::Way::from_container, place_.hardware, is_open},
            "nobody speaks in another's name: neither IPv4 nor ARP, and no IPv6 at all");
    on_host(FilterFrames{link_, FilterFrames::Way::to_container, place_.hardware, is_open},
            "no other protocol, and unless it was asked for, nobody but the host");
  }

  void container_end() {
    const IpAddress& gateway = place_.address.address;
    inside(WithoutIpv6{kInside}, "nobody asked for IPv6");
    inside(SetHardwareAddress{kInside, {}}, "the one that the bridge has an entry for");
    inside(AddAddress{kInside, {kOwnAddress, place_.address.prefix}}, "in the bridge's network");
    inside(RaiseLink{kInside}, "the inner end first: then the port works as soon as it is up");
    on_host(RaiseLink{link_}, "from here on the port takes frames");
    inside(AddNeighbour{kInside, gateway, place_.hardware, false},
           "who the host is, whatever somebody on the bridge answers");
    inside(AddRoute{kInside, std::nullopt, gateway}, "everything else is behind the host");
  }

  void firewall() {
    const Firewall which = facts_.firewall;
    const auto& ports = request_.ports;
    attach(AddRules{which, AF_INET, use_, shared_rules(AF_INET),
                    bridge_rules(request_.bridge, request_.is_open_to_bridge, ports)},
           "what may pass, and under whose address",
           {ForgetConnections{ports}, RemoveRules{which, AF_INET, use_}});
    if (request_.egress) {
      attach(AddRules{which, AF_INET, use_, egress_rules(*request_.egress, AF_INET), {}},
             "inside, since what is for the host itself passes no FORWARD; without NET_ADMIN "
             "nobody inside can change it");
    }
    finish(AwaitRules{}, "the kernel took them while the child was on its way");
    finish(ForgetConnections{ports},
           "packets of a connection that an earlier owner had would go where it was");
    if (publishes_on_loopback(ports)) {
      const std::string setting = "net/ipv4/conf/" + request_.bridge + "/route_localnet";
      finish(
          HoldSetting{setting, "1", {}, use_},
          "a port is published on 127.0.0.1, and the way there leads over the bridge; behind the "
          "rule that drops what comes from there for 127.0.0.0/8",
          {ReleaseSetting{setting, use_}});
    }
  }

  const NetworkRequest& request_;
  const NetworkFacts& facts_;
  StagePlan& out_;
  Place place_;
  std::string link_;
  SharedUse use_;
};

}  // namespace

void plan_bridge(const ContainerSpec& spec, const HostFacts& facts, StagePlan& out) {
  BridgeSteps(spec, facts, out).add_all();
}

}  // namespace mydocker::network
