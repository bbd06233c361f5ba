// What a container may ask of the network, and the requests that it becomes: plain values.
#pragma once

#include <sys/socket.h>

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

namespace mydocker {

// An IPv4 or IPv6 address, in network byte order. Without a family it stands for one of the
// container's own, which nobody knows before the kernel has given it.
struct IpAddress {
  int family = AF_UNSPEC;
  std::array<std::uint8_t, 16> bytes{};
  bool operator==(const IpAddress&) const = default;
};
inline constexpr IpAddress kOwnAddress{}, kOwnAddress6{AF_UNSPEC, {6}};

// The container's, once they are known.
struct OwnAddresses {
  IpAddress v4 = kOwnAddress, v6 = kOwnAddress6;
  [[nodiscard]] const IpAddress& of(int family) const { return family == AF_INET6 ? v6 : v4; }
  [[nodiscard]] IpAddress& of(int family) { return family == AF_INET6 ? v6 : v4; }
};

// An address and how many of its bits name the network: "172.16.1.0/24".
struct Subnet {
  IpAddress address;
  unsigned prefix = 0;
  bool operator==(const Subnet&) const = default;
};

enum class Transport { tcp, udp };

// A port of the host that leads to one of the container.
struct PublishedPort {
  IpAddress address;  // of the host
  std::uint16_t host = 0, container = 0;
  Transport transport = Transport::tcp;
  bool operator==(const PublishedPort&) const = default;
};

// Whom a container may speak to: a network, one port of it or all.
struct Egress {
  Subnet to;
  std::optional<std::uint16_t> port;
  bool operator==(const Egress&) const = default;
};

// Which of the kernel's two packet filters takes our rules.
enum class Firewall { legacy, nft };

enum class NetworkKind {
  none,      // loopback alone
  host,      // the one that MyDocker is in
  nat,       // a routed pair of interfaces, behind the host's address
  original,  // the original's one pair, 172.16.1.1/24 and 172.16.1.2/24
  cni,       // what the plugins of a CNI network make
  pasta,     // pasta(1) carries what it says between its network and sockets of the host's
  bridge,    // a port of a bridge of the host, behind the host's address
  joined,    // one that exists: its path is in namespaces.network
};

// Whether MyDocker sees to its link, and so it has an address, names and rules.
[[nodiscard]] constexpr bool has_own_link(NetworkKind kind) {
  return kind == NetworkKind::nat || kind == NetworkKind::original || kind == NetworkKind::bridge ||
         kind == NetworkKind::pasta || kind == NetworkKind::cni;
}

// One plugin of a CNI network, see https://www.cni.dev/docs/spec: a program of the host's, and the
// JSON that it reads, but for the result of the one before it.
struct CniPlugin {
  std::string type, file, config;
  bool takes_ports = false;
  bool operator==(const CniPlugin&) const = default;
};
struct CniNetwork {
  std::string name, version;  // version: of the specification
  bool may_check = false;
  std::string path;  // the folders in which a plugin finds others, as PATH
  std::vector<CniPlugin> plugins;
  bool operator==(const CniNetwork&) const = default;
};

struct NetworkRequest {
  NetworkKind kind = NetworkKind::none;
  std::optional<Subnet> subnet;  // none: one that is free on this host
  bool ipv6 = false;             // an address of IPv6, too
  std::optional<Subnet> subnet6;
  std::vector<PublishedPort> ports;
  std::vector<std::string> dns;  // none: the host's resolvers
  std::optional<std::vector<Egress>> egress;
  std::optional<Firewall> firewall;  // none: what this host uses
  std::string bridge;                // its name
  bool is_open_to_bridge = false;    // for others on it; else for the host alone
  std::optional<CniNetwork> cni;
  bool operator==(const NetworkRequest&) const = default;
};

// ---- requests by rtnetlink(7), each one message ----
// Two interfaces, what goes into one comes out of the other; `peer` is born in the container.
struct AddVethPair {
  std::string name, peer;
  unsigned mtu = 1500;
  bool operator==(const AddVethPair&) const = default;
};
// No link-local address, which the kernel would make of the hardware's by itself.
struct WithoutIpv6 {
  std::string link;
  bool operator==(const WithoutIpv6&) const = default;
};
struct AddAddress {
  std::string link;
  Subnet address;
  bool operator==(const AddAddress&) const = default;
};
struct RaiseLink {
  std::string link;
  bool operator==(const RaiseLink&) const = default;
};
// Without `to` it is the default route; without `via` what it leads to is at the other end.
struct AddRoute {
  std::string link;
  std::optional<Subnet> to;
  std::optional<IpAddress> via;
  bool operator==(const AddRoute&) const = default;
};
// ---- and those of a bridge, bridge(8): a switch whose ports are links ----
// A hardware address is six bytes; without any it is the one made of the container's own address.
using HardwareAddress = std::string;

struct AddBridge {
  std::string name;
  HardwareAddress hardware;  // given, it stays, whatever ports come and go
  bool operator==(const AddBridge&) const = default;
};
// The link becomes a port of the bridge.
struct JoinBridge {
  std::string link, bridge;
  bool operator==(const JoinBridge&) const = default;
};
// The bridge learns nothing from what comes in at this port, and sends to it only what is meant for
// it. `is_apart`: other such ports cannot be reached from it.
struct LockPort {
  std::string link;
  bool is_apart = true;
  bool operator==(const LockPort&) const = default;
};
struct SetHardwareAddress {
  std::string link;
  HardwareAddress hardware;
  bool operator==(const SetHardwareAddress&) const = default;
};
// The hardware address that is made of `address` is at this port of the bridge; refused while it is
// at another, so who makes this entry has the address for itself.
struct AddForwardingEntry {
  std::string link;
  IpAddress address;
  bool operator==(const AddForwardingEntry&) const = default;
};
struct RemoveForwardingEntry {
  std::string link;
  IpAddress address;
  bool operator==(const RemoveForwardingEntry&) const = default;
};
// Who has `address` on this link: for ever, whatever somebody answers to ARP. Refused if the kernel
// knows somebody already, unless it is to be replaced.
struct AddNeighbour {
  std::string link;
  IpAddress address;
  HardwareAddress hardware;
  bool replaces = false;
  bool operator==(const AddNeighbour&) const = default;
};
struct RemoveNeighbour {
  std::string link;
  IpAddress address;
  bool operator==(const RemoveNeighbour&) const = default;
};
struct RemoveLink {
  std::string link;
  bool operator==(const RemoveLink&) const = default;
};
// A place for filters of what a link receives and sends. See "clsact" in tc(8).
struct AddFilters {
  std::string link;
  bool operator==(const AddFilters&) const = default;
};
// Of what comes from the container, or goes to it: what nobody else could have sent. See
// frame_filter.hpp.
struct FilterFrames {
  enum class Way { from_container, to_container };
  std::string link;
  Way way = Way::from_container;
  HardwareAddress bridge;
  bool is_open = false;  // for others on the bridge
  bool operator==(const FilterFrames&) const = default;
};
using LinkRequest =
    std::variant<AddVethPair, WithoutIpv6, AddAddress, RaiseLink, AddRoute, AddBridge, JoinBridge,
                 LockPort, SetHardwareAddress, AddForwardingEntry, RemoveForwardingEntry,
                 AddNeighbour, RemoveNeighbour, RemoveLink, AddFilters, FilterFrames>;

// ---- a rule of the packet filter ----
// `forward_first` stands before all of `forward`, whichever container has rules in it.
enum class RuleChain {
  prerouting_raw,
  prerouting,
  forward_first,
  forward,
  output,
  egress,
  postrouting
};
enum class Verdict { drop, accept, masquerade, redirect, refuse };

// An interface, also all that begin alike ("myd+"); empty: any.
struct OfLink {
  std::string name;
  bool is_not = false;
  bool operator==(const OfLink&) const = default;
};
struct OfAddress {
  Subnet subnet;
  bool is_not = false;
  bool operator==(const OfAddress&) const = default;
};
struct FirewallRule {
  RuleChain chain = RuleChain::forward;
  OfLink in, out;
  std::optional<OfAddress> source, destination;
  bool to_this_host = false;  // whatever address of the host's it is
  std::optional<Transport> transport;
  std::uint16_t port = 0;    // the destination's
  bool is_expected = false;  // part of a connection that is known, or of one that was redirected
  std::optional<std::uint8_t> icmp6_type;
  Verdict verdict = Verdict::drop;
  std::uint16_t to_port = 0;  // redirect: to the container's address
  bool operator==(const FirewallRule&) const = default;
};

// ---- what the host has ----
struct Route {
  Subnet to;
  std::string link;
  std::uint32_t metric = 0;
  bool is_advertised = false;  // by a router, see "Router Advertisement" in RFC 4861
  bool is_local = false;       // it leads to an address of this host
  bool operator==(const Route&) const = default;
};

// A chain of somebody else's that drops what is forwarded, unless one of its rules lets it pass.
struct ForwardChain {
  Firewall firewall = Firewall::nft;
  std::string family, table, name;  // as nft has them: "ip", "filter", "FORWARD"
  bool operator==(const ForwardChain&) const = default;
};
// A link of the name that a bridge is asked for by.
struct BridgeFacts {
  std::string kind;  // "bridge", or what it is instead
  HardwareAddress hardware;
  std::optional<Subnet> address;  // its first IPv4 address, and the bits of its network
  unsigned mtu = 1500;
  bool operator==(const BridgeFacts&) const = default;
};

struct NetworkFacts {
  std::vector<Route> routes;
  std::optional<BridgeFacts> bridge;
  unsigned mtu = 1500;  // of the uplink
  IpAddress address;    // of the uplink; asked only for pasta
  Firewall firewall = Firewall::legacy;
  std::vector<ForwardChain> shut_chains;
  std::string resolv_conf;            // the host's, as it is
  std::string resolved_resolv_conf;   // that of systemd-resolved, which has the resolvers behind it
  bool forwards_ipv6 = false;         // on all interfaces
  bool has_force_forwarding = false;  // of IPv6, which an interface can have by itself
  // The links of the best default routes of one family, each once.
  [[nodiscard]] std::vector<std::string> uplinks(int family) const;
  // The links that have this address of the host's, or, for the one that stands for all, any: but for
  // the loopback.
  [[nodiscard]] std::vector<std::string> links_of(const IpAddress& wanted) const;
  bool operator==(const NetworkFacts&) const = default;
};

}  // namespace mydocker
