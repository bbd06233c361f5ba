#include "cli/network_options.hpp"

#include <algorithm>

#include "cni/network_list.hpp"
#include "helpers/addresses.hpp"
#include "helpers/numbers.hpp"
#include "helpers/text.hpp"
#include "mydocker/error.hpp"

namespace mydocker::cli {
namespace {

[[noreturn]] void refuse(std::string_view option, const std::string& came,
                         const std::string& allowed) {
  throw UsageError(std::string(option) + " " + text::quoted(came) + ": allowed are " + allowed);
}

constexpr const char* kKinds =
    "none, host, nat, pasta, bridge:NAME, cni:NAME, original, ns:PATH and container:ID";

// As the kernel takes it, and the packet filters' languages; "myd" begins the names of pairs.
bool is_bridge_name(const std::string& name) {
  constexpr std::size_t kMost = 15;
  constexpr const char* kLetters =
      "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_.-";
  return !name.empty() && name.size() <= kMost && name[0] != '.' && name[0] != '-' &&
         name.find_first_not_of(kLetters) == std::string::npos && !name.starts_with("myd");
}

void set_kind(const std::string& word, const Surroundings& around, ContainerSpec& spec) {
  NetworkRequest& network = spec.network;
  NamespaceUse& use = spec.namespaces.network;
  const auto colon = word.find(':');
  const std::string kind = word.substr(0, colon);
  const std::string rest = colon == std::string::npos ? "" : word.substr(colon + 1);
  const bool is_alone = colon == std::string::npos;
  if (is_alone && kind == "none") return;
  if (is_alone && kind == "nat") {
    network.kind = NetworkKind::nat;
  } else if (kind == "bridge" && is_bridge_name(rest)) {
    network.kind = NetworkKind::bridge;
    network.bridge = rest;
  } else if (is_alone && kind == "original") {
    network.kind = NetworkKind::original;
  } else if (is_alone && kind == "pasta") {
    network.kind = NetworkKind::pasta;
  } else if (is_alone && kind == "host") {
    network.kind = NetworkKind::host;
    use = {};
  } else if (kind == "cni" && !rest.empty()) {
    network.kind = NetworkKind::cni;
    network.cni = around.cni_network(rest);
  } else if (kind == "ns" && rest.starts_with('/')) {
    network.kind = NetworkKind::joined;
    use = {NamespaceUse::Kind::joined, rest};
  } else if (kind == "container" && valid_id(rest)) {
    network.kind = NetworkKind::joined;
    use = {NamespaceUse::Kind::joined, around.network_of(rest)};
  } else {
    refuse("--network", word, kKinds);
  }
}

std::optional<std::uint16_t> port_number(std::string_view word) {
  const auto number = numbers::parse(word, UINT16_MAX);
  if (!number || *number == 0) return std::nullopt;
  return static_cast<std::uint16_t>(*number);
}

// "8080:80", "192.0.2.1:8080:80/udp", "[::]:8080:80"
PublishedPort published(const std::string& word) {
  constexpr const char* kAllowed =
      "HOST:CONTAINER and ADDRESS:HOST:CONTAINER, ports from 1 to 65535, with /udp or /tcp behind "
      "or without; an IPv6 address in brackets";
  PublishedPort out{.address = *addresses::parse("127.0.0.1")};
  std::string rest = word;
  if (rest.ends_with("/udp")) out.transport = Transport::udp;
  if (rest.ends_with("/udp") || rest.ends_with("/tcp")) rest.resize(rest.size() - 4);
  const auto last = rest.rfind(':');
  if (last == std::string::npos || last == 0) refuse("-p", word, kAllowed);
  const auto before = rest.rfind(':', last - 1);
  const auto host = port_number(
      std::string_view(rest).substr(before == std::string::npos ? 0 : before + 1,
                                    last - (before == std::string::npos ? 0 : before + 1)));
  const auto container = port_number(std::string_view(rest).substr(last + 1));
  if (!host || !container) refuse("-p", word, kAllowed);
  out.host = *host;
  out.container = *container;
  if (before == std::string::npos) return out;
  std::string address = rest.substr(0, before);
  const bool in_brackets = address.starts_with('[') && address.ends_with(']');
  if (in_brackets) address = address.substr(1, address.size() - 2);
  const auto parsed = addresses::parse(address);
  if (!parsed || in_brackets != (parsed->family == AF_INET6)) refuse("-p", word, kAllowed);
  if (in_brackets && addresses::is_loopback(*parsed))
    refuse("-p", word,
           "other addresses: the kernel leads nothing from ::1 elsewhere; 127.0.0.1 works");
  out.address = *parsed;
  return out;
}

// "192.0.2.0/24", "192.0.2.1:443", "[2001:db8::/32]:443"
Egress egress(const std::string& word) {
  constexpr const char* kAllowed =
      "CIDR and CIDR:PORT, as in 192.0.2.0/24:443; IPv6 with a port in brackets";
  std::string network = word;
  Egress out;
  const auto colon = word.rfind(':');
  const bool in_brackets = word.starts_with('[');
  const bool has_port = colon != std::string::npos &&
                        (in_brackets ? word[colon - 1] == ']' : word.find(':') == colon);
  if (has_port) {
    out.port = port_number(std::string_view(word).substr(colon + 1));
    if (!out.port) refuse("--egress", word, kAllowed);
    network = word.substr(0, colon);
  }
  if (in_brackets && network.ends_with(']')) network = network.substr(1, network.size() - 2);
  const auto parsed = addresses::parse_subnet(network);
  if (!parsed) refuse("--egress", word, kAllowed);
  out.to = *parsed;
  return out;
}

void set_subnet(const std::string& word, NetworkRequest& network) {
  constexpr unsigned kLargest = 8, kSmallest = 2;  // bits of the network, and of the host
  const auto parsed = addresses::parse_subnet(word);
  const bool is_ipv6 = parsed && parsed->address.family == AF_INET6;
  if (!parsed || parsed->prefix < kLargest ||
      parsed->prefix > addresses::bits(parsed->address.family) - kSmallest)
    refuse("--subnet", word, "networks from /8 to /30, of IPv6 to /126, as in 172.16.1.0/24");
  (is_ipv6 ? network.subnet6 : network.subnet) = *parsed;
  if (is_ipv6) network.ipv6 = true;
}

Firewall firewall(const std::string& word) {
  if (word == "nft") return Firewall::nft;
  if (word != "legacy") refuse("--firewall", word, "nft and legacy");
  return Firewall::legacy;
}

// Options that say something about a network that this container does not have.
void refuse_useless(const NetworkOptions& options, const NetworkRequest& network) {
  const auto require = [&](bool is_given, const char* option, bool has_meaning,
                           const char* needed) {
    if (is_given && !has_meaning) throw UsageError(std::string(option) + ": needs " + needed);
  };
  const bool has_link = has_own_link(network.kind);
  const bool is_bridge = network.kind == NetworkKind::bridge;
  const bool has_many = is_bridge || network.kind == NetworkKind::nat;
  require(!options.ports.empty(), "-p",
          has_many || network.kind == NetworkKind::pasta || network.kind == NetworkKind::cni,
          "--network nat, pasta or cni:NAME");
  require(!options.subnets.empty(), "--subnet", has_many, "--network nat");
  require(options.ipv6, "--ipv6", network.kind == NetworkKind::nat, "--network nat");
  require(options.icc, "--icc", is_bridge, "--network bridge:NAME");
  require(!options.dns.empty(), "--dns", has_link, "a network with a way out, as --network nat");
  require(!options.egress.empty(), "--egress", has_link,
          "a network with a way out, as --network nat");
  require(options.firewall.has_value(), "--firewall", has_link,
          "a network with a way out, as --network nat");
}

void require_ipv6_for_its_addresses(const NetworkRequest& network) {
  if (network.ipv6) return;
  const auto refuse_if = [](const IpAddress& address, const char* option) {
    if (address.family == AF_INET6)
      throw UsageError(std::string(option) + " " + text::quoted(addresses::text(address)) +
                       ": needs --ipv6");
  };
  for (const auto& port : network.ports) refuse_if(port.address, "-p");
  for (const auto& resolver : network.dns) refuse_if(*addresses::parse(resolver), "--dns");
  if (!network.egress) return;
  for (const auto& each : *network.egress) refuse_if(each.to.address, "--egress");
}

// Links and rules of the host, and networks of others, are root's.
void refuse_without_root(const NetworkRequest& network) {
  const bool is_own = network.kind == NetworkKind::none || network.kind == NetworkKind::host ||
                      network.kind == NetworkKind::pasta;
  if (!is_own)
    throw UsageError("--network: without root it is none, host or pasta: try --network pasta");
}

void publish_by_plugins(NetworkRequest& network) {
  try {
    cni::publish(network.ports, *network.cni);
  } catch (const cni::ConfigError& error) {
    throw UsageError("-p with --network " + text::quoted("cni:" + network.cni->name) + ": " +
                     error.what());
  }
}

}  // namespace

void set_network(const NetworkOptions& options, const Surroundings& around, ContainerSpec& spec) {
  if (options.kind) set_kind(*options.kind, around, spec);
  NetworkRequest& network = spec.network;
  if (spec.without_root) refuse_without_root(network);
  refuse_useless(options, network);
  network.ipv6 = options.ipv6;
  for (const auto& word : options.subnets) set_subnet(word, network);
  for (const auto& word : options.ports) network.ports.push_back(published(word));
  if (network.cni) publish_by_plugins(network);
  for (const auto& word : options.egress) {
    if (!network.egress) network.egress.emplace();
    network.egress->push_back(egress(word));
  }
  network.is_open_to_bridge = options.icc;
  for (const auto& word : options.dns) {
    if (!addresses::parse(word)) refuse("--dns", word, "IPv4 and IPv6 addresses");
    network.dns.push_back(word);
  }
  require_ipv6_for_its_addresses(network);
  if (network.kind == NetworkKind::bridge && network.ipv6)
    throw UsageError("--subnet: an address of IPv6 needs --network nat");
  if (options.firewall) network.firewall = firewall(*options.firewall);
}

void share_sys(ContainerSpec& spec) {
  if (!spec.namespaces.user.is_new() || spec.namespaces.network.is_new()) return;
  for (auto& mount : spec.mounts) {
    if (mount.type != "sysfs") continue;
    Mount shared;
    shared.kind = MountKind::bind;
    shared.source = shared.target = mount.target;
    shared.set_below = mount.set;
    shared.recursive = false;
    mount = std::move(shared);
  }
}

}  // namespace mydocker::cli
