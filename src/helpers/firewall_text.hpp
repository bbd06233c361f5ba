// A rule of the packet filter in the words of its two front ends: iptables(8) and nft(8). Pure.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "mydocker/network.hpp"

namespace mydocker::firewall {

// One of our chains, for people: "filter MYDOCKER-FORWARD".
struct Place {
  std::string_view table, chain, hook;  // "filter", "MYDOCKER-FORWARD", "FORWARD"
};
[[nodiscard]] Place place_of(RuleChain chain);

// Whether rules are for the container's own network: what it sends is judged there.
[[nodiscard]] bool are_inside(const std::vector<FirewallRule>& rules);

// As iptables-save(8) prints it, without its table: "-A MYDOCKER-FORWARD -i myd+ -j DROP". `owner`,
// if not empty, becomes its comment; `own` is what kOwnAddress stands for.
[[nodiscard]] std::string as_iptables(const FirewallRule& rule, std::string_view owner,
                                      const IpAddress& own);

// As nft(8) prints it: "iifname "myd*" drop".
[[nodiscard]] std::string as_nft(const FirewallRule& rule, const IpAddress& own);

// How many packets a chain has refused, of what either program says of it: a number alone, or a chain
// as nft lists it, with a counter at the rule that refuses.
[[nodiscard]] std::uint64_t refused_in(std::string_view answer);

// "nft's chain FORWARD of the table ip filter", and the one line that lets our links pass it: what
// comes from them and, since our own rules judge it besides, what goes to them.
[[nodiscard]] std::string chain_text(const ForwardChain& chain);
[[nodiscard]] std::string opening_line(const ForwardChain& chain,
                                       const std::string& links = "myd+");

// What `nft -f` takes: the table `name` with these rules, in the place of one of that name.
[[nodiscard]] std::string nft_table(std::string_view family, std::string_view name,
                                    const std::vector<FirewallRule>& rules, const IpAddress& own);

}  // namespace mydocker::firewall
