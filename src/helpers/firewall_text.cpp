#include "helpers/firewall_text.hpp"

#include <algorithm>

#include "helpers/addresses.hpp"
#include "helpers/numbers.hpp"
#include "helpers/text.hpp"

namespace mydocker::firewall {
namespace {

Subnet known(const Subnet& subnet, const IpAddress& own) {
  return addresses::is_own(subnet.address) ? addresses::alone(own) : subnet;
}

std::string transport_name(Transport transport) {
  return transport == Transport::udp ? "udp" : "tcp";
}

// iptables-save writes an address alone as a network of one, nft without its prefix.
std::string iptables_address(const Subnet& subnet, const IpAddress& own) {
  const Subnet of = known(subnet, own);
  return addresses::is_own(of.address) ? addresses::text(of.address) : addresses::text(of);
}

std::string nft_address(const Subnet& subnet, const IpAddress& own) {
  const Subnet of = known(subnet, own);
  const bool is_alone = of.prefix == addresses::bits(of.address.family);
  return addresses::is_own(of.address) || is_alone ? addresses::text(of.address)
                                                   : addresses::text(of);
}

std::string with_port(const IpAddress& address, std::uint16_t port) {
  const std::string text = addresses::text(address);
  return (address.family == AF_INET6 ? "[" + text + "]" : text) + ":" + std::to_string(port);
}

bool is_ipv6(const FirewallRule& rule, const IpAddress& own) {
  const auto is_of_it = [&](const std::optional<OfAddress>& of) {
    const IpAddress address = of ? known(of->subnet, own).address : own;
    return address.family == AF_INET6 || address == kOwnAddress6;
  };
  return is_of_it(rule.source) || is_of_it(rule.destination);
}

std::string nft_link(std::string name) {
  if (name.ends_with('+')) name.back() = '*';
  return "\"" + name + "\"";
}

std::string iptables_verdict(const FirewallRule& rule, const IpAddress& own) {
  switch (rule.verdict) {
    case Verdict::accept:
      return "ACCEPT";
    case Verdict::masquerade:
      return "MASQUERADE";
    case Verdict::redirect:
      return "DNAT --to-destination " + with_port(own, rule.to_port);
    case Verdict::refuse:
      return is_ipv6(rule, own) ? "REJECT --reject-with icmp6-port-unreachable"
                                : "REJECT --reject-with icmp-port-unreachable";
    case Verdict::drop:
      break;
  }
  return "DROP";
}

std::string nft_verdict(const FirewallRule& rule, const IpAddress& own) {
  switch (rule.verdict) {
    case Verdict::accept:
      return "accept";
    case Verdict::masquerade:
      return "masquerade";
    case Verdict::redirect:
      return "dnat to " + with_port(own, rule.to_port);
    case Verdict::refuse:
      return "counter reject";
    case Verdict::drop:
      break;
  }
  return "drop";
}

// The base chain that a rule stands in, as nft(8) declares it.
struct NftChain {
  RuleChain chain;
  std::string_view name, declaration;
};
constexpr NftChain kNftChains[] = {
    {RuleChain::prerouting_raw, "prerouting-raw", "type filter hook prerouting priority raw;"},
    {RuleChain::prerouting, "prerouting", "type nat hook prerouting priority dstnat;"},
    {RuleChain::forward_first, "forward-first", "type filter hook forward priority filter - 1;"},
    {RuleChain::forward, "forward", "type filter hook forward priority filter;"},
    {RuleChain::output, "output", "type nat hook output priority -100;"},
    {RuleChain::egress, "egress", "type filter hook output priority filter;"},
    {RuleChain::postrouting, "postrouting", "type nat hook postrouting priority srcnat;"},
};

}  // namespace

Place place_of(RuleChain chain) {
  switch (chain) {
    case RuleChain::prerouting_raw:
      return {"raw", "MYDOCKER-PREROUTING", "PREROUTING"};
    case RuleChain::prerouting:
      return {"nat", "MYDOCKER-PREROUTING", "PREROUTING"};
    case RuleChain::output:
      return {"nat", "MYDOCKER-OUTPUT", "OUTPUT"};
    case RuleChain::postrouting:
      return {"nat", "MYDOCKER-POSTROUTING", "POSTROUTING"};
    case RuleChain::egress:
      return {"filter", "MYDOCKER-EGRESS", "OUTPUT"};
    case RuleChain::forward_first:
    case RuleChain::forward:
      break;
  }
  return {"filter", "MYDOCKER-FORWARD", "FORWARD"};
}

bool are_inside(const std::vector<FirewallRule>& rules) {
  return std::any_of(rules.begin(), rules.end(),
                     [](const FirewallRule& rule) { return rule.chain == RuleChain::egress; });
}

std::string as_iptables(const FirewallRule& rule, std::string_view owner, const IpAddress& own) {
  const bool is_first = rule.chain == RuleChain::forward_first;
  std::string out = (is_first ? "-I " : "-A ") + std::string(place_of(rule.chain).chain);
  const auto add = [&](bool is_not, std::string_view option, const std::string& value) {
    out += is_not ? " ! " : " ";
    out += option;
    out += " " + value;
  };
  if (rule.source) add(rule.source->is_not, "-s", iptables_address(rule.source->subnet, own));
  if (rule.destination)
    add(rule.destination->is_not, "-d", iptables_address(rule.destination->subnet, own));
  if (!rule.in.name.empty()) add(rule.in.is_not, "-i", rule.in.name);
  if (!rule.out.name.empty()) add(rule.out.is_not, "-o", rule.out.name);
  if (rule.transport) add(false, "-p", transport_name(*rule.transport));
  if (rule.icmp6_type)
    out += " -p ipv6-icmp -m icmp6 --icmpv6-type " + std::to_string(*rule.icmp6_type);
  if (rule.to_this_host) out += " -m addrtype --dst-type LOCAL";
  if (rule.transport && rule.port != 0)
    out += " -m " + transport_name(*rule.transport) + " --dport " + std::to_string(rule.port);
  if (rule.is_expected) out += " -m conntrack --ctstate RELATED,ESTABLISHED,DNAT";
  if (!owner.empty()) out += " -m comment --comment " + std::string(owner);
  return out + " -j " + iptables_verdict(rule, own);
}

std::string as_nft(const FirewallRule& rule, const IpAddress& own) {
  std::string out;
  const auto add = [&](std::string_view what, bool is_not, const std::string& value) {
    out += what;
    out += is_not ? " != " : " ";
    out += value + " ";
  };
  const std::string family = is_ipv6(rule, own) ? "ip6" : "ip";
  if (!rule.in.name.empty()) add("iifname", rule.in.is_not, nft_link(rule.in.name));
  if (!rule.out.name.empty()) add("oifname", rule.out.is_not, nft_link(rule.out.name));
  if (rule.source)
    add(family + " saddr", rule.source->is_not, nft_address(rule.source->subnet, own));
  if (rule.destination)
    add(family + " daddr", rule.destination->is_not, nft_address(rule.destination->subnet, own));
  if (rule.icmp6_type) add("icmpv6 type", false, std::to_string(*rule.icmp6_type));
  if (rule.to_this_host) out += "fib daddr type local ";
  if (rule.transport && rule.port != 0)
    add(transport_name(*rule.transport) + " dport", false, std::to_string(rule.port));
  else if (rule.transport)
    add("meta l4proto", false, transport_name(*rule.transport));
  // A rule has one verdict: "known, or redirected" is said by two.
  if (rule.is_expected) {
    const std::string verdict = nft_verdict(rule, own);
    return out + "ct state established,related " + verdict + "\n    " + out + "ct status dnat " +
           verdict;
  }
  return out + nft_verdict(rule, own);
}

std::uint64_t refused_in(std::string_view answer) {
  constexpr std::string_view kCounter = "counter packets ";
  if (const auto at = answer.find(kCounter); at != std::string_view::npos)
    answer.remove_prefix(at + kCounter.size());
  const auto words = text::words(answer);
  return words.empty() ? 0 : numbers::parse(words[0]).value_or(0);
}

std::string chain_text(const ForwardChain& chain) {
  return std::string(chain.firewall == Firewall::nft ? "nft" : "iptables") + "'s chain " +
         chain.name + " of the table " + chain.family + " " + chain.table;
}

std::string opening_line(const ForwardChain& chain, const std::string& links) {
  if (chain.firewall == Firewall::legacy) {
    return "iptables-legacy -I FORWARD -i " + links +
           " -j ACCEPT && iptables-legacy -I FORWARD -o " + links + " -j ACCEPT";
  }
  const std::string insert =
      "insert rule " + chain.family + " " + chain.table + " " + chain.name + " ";
  return "nft '" + insert + "iifname " + nft_link(links) + " accept; " + insert + "oifname " +
         nft_link(links) + " accept'";
}

std::string nft_table(std::string_view family, std::string_view name,
                      const std::vector<FirewallRule>& rules, const IpAddress& own) {
  const std::string table = std::string(family) + " " + std::string(name);
  // To delete what is not there is an error: so it is made first.
  std::string out = "table " + table + "\ndelete table " + table + "\ntable " + table + " {\n";
  for (const auto& [chain, chain_name, declaration] : kNftChains) {
    const RuleChain here = chain;
    const auto is_here = [here](const FirewallRule& rule) { return rule.chain == here; };
    if (std::none_of(rules.begin(), rules.end(), is_here)) continue;
    out += "  chain " + std::string(chain_name) + " {\n    " + std::string(declaration) + "\n";
    for (const auto& rule : rules) {
      if (is_here(rule)) out += "    " + as_nft(rule, own) + "\n";
    }
    out += "  }\n";
  }
  return out + "}\n";
}

}  // namespace mydocker::firewall
