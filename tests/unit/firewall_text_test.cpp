// Rules of the packet filter in the words of both of its front ends.
#include <gtest/gtest.h>

#include "helpers/addresses.hpp"
#include "helpers/firewall_text.hpp"
#include "namespaces/network/firewall_rules.hpp"

namespace mydocker::test {
namespace {

using Lines = std::vector<std::string>;

const IpAddress kOwn = *addresses::parse("172.16.1.5");

Lines iptables_lines(const std::vector<FirewallRule>& rules, std::string_view owner) {
  Lines out;
  for (const auto& rule : rules)
    out.push_back(std::string(firewall::place_of(rule.chain).table) + " " +
                  firewall::as_iptables(rule, owner, kOwn));
  return out;
}

Lines nft_lines(const std::vector<FirewallRule>& rules) {
  Lines out;
  for (const auto& rule : rules) out.push_back(firewall::as_nft(rule, kOwn));
  return out;
}

TEST(FirewallText, SharedRulesAsIptables) {
  EXPECT_EQ(iptables_lines(network::shared_rules(AF_INET), ""),
            (Lines{"raw -A MYDOCKER-PREROUTING -d 127.0.0.0/8 -i myd+ -j DROP",
                   "filter -A MYDOCKER-FORWARD -i myd+ -o myd+ -j DROP",
                   "filter -A MYDOCKER-FORWARD -o myd+ -m conntrack --ctstate "
                   "RELATED,ESTABLISHED,DNAT -j ACCEPT",
                   "filter -A MYDOCKER-FORWARD -o myd+ -j DROP",
                   "filter -A MYDOCKER-FORWARD -i myd+ -j ACCEPT",
                   "nat -A MYDOCKER-POSTROUTING -s 127.0.0.0/8 -o myd+ -j MASQUERADE"}));
}

TEST(FirewallText, SharedRulesAsNft) {
  EXPECT_EQ(
      nft_lines(network::shared_rules(AF_INET)),
      (Lines{"iifname \"myd*\" ip daddr 127.0.0.0/8 drop", "iifname \"myd*\" oifname \"myd*\" drop",
             "oifname \"myd*\" ct state established,related accept\n    "
             "oifname \"myd*\" ct status dnat accept",
             "oifname \"myd*\" drop", "iifname \"myd*\" accept",
             "oifname \"myd*\" ip saddr 127.0.0.0/8 masquerade"}));
}

PublishedPort port(const char* address, Transport transport) {
  return {*addresses::parse(address), 8080, 80, transport};
}

// One that is published on the loopback is in no chain that packets from outside pass.
TEST(FirewallText, APortOfTheLoopbackIsOnlyForTheHostItself) {
  const auto rules = network::own_rules("myd1", {port("127.0.0.1", Transport::tcp)}, AF_INET);
  EXPECT_EQ(
      iptables_lines(rules, "web"),
      (Lines{"raw -A MYDOCKER-PREROUTING ! -s 172.16.1.5/32 -i myd1 -m comment --comment web "
             "-j DROP",
             "nat -A MYDOCKER-POSTROUTING -s 172.16.1.5/32 ! -o myd+ -m comment --comment web "
             "-j MASQUERADE",
             "nat -A MYDOCKER-OUTPUT -d 127.0.0.1/32 -p tcp -m tcp --dport 8080 -m comment "
             "--comment web -j DNAT --to-destination 172.16.1.5:80"}));
  EXPECT_EQ(nft_lines(rules), (Lines{"iifname \"myd1\" ip saddr != 172.16.1.5 drop",
                                     "oifname != \"myd*\" ip saddr 172.16.1.5 masquerade",
                                     "ip daddr 127.0.0.1 tcp dport 8080 dnat to 172.16.1.5:80"}));
}

TEST(FirewallText, APortOfAllAddressesIsForOthersToo) {
  const auto rules = network::own_rules("myd1", {port("0.0.0.0", Transport::udp)}, AF_INET);
  const Lines lines = iptables_lines(rules, "web");
  ASSERT_EQ(lines.size(), 4U);
  const std::string behind =
      " -p udp -m addrtype --dst-type LOCAL -m udp --dport 8080 -m comment --comment web -j DNAT "
      "--to-destination 172.16.1.5:80";
  EXPECT_EQ(lines[2], "nat -A MYDOCKER-OUTPUT" + behind);
  EXPECT_EQ(lines[3], "nat -A MYDOCKER-PREROUTING" + behind);
  EXPECT_EQ(nft_lines(rules)[3], "fib daddr type local udp dport 8080 dnat to 172.16.1.5:80");
}

// The same for IPv6, but for what only IPv4 needs; ports of the other family are not its own.
TEST(FirewallText, RulesOfIpv6) {
  const IpAddress own = *addresses::parse("fd00::2");
  const auto rules = network::own_rules(
      "myd1", {port("2001:db8::2", Transport::tcp), port("0.0.0.0", Transport::tcp)}, AF_INET6);
  ASSERT_EQ(rules.size(), 4U);
  EXPECT_EQ(firewall::as_iptables(rules[0], "web", own),
            "-A MYDOCKER-PREROUTING ! -s fd00::2/128 -i myd1 -m comment --comment web -j DROP");
  EXPECT_EQ(firewall::as_iptables(rules[3], "", own),
            "-A MYDOCKER-PREROUTING -d 2001:db8::2/128 -p tcp -m tcp --dport 8080 -j DNAT "
            "--to-destination [fd00::2]:80");
  EXPECT_EQ(firewall::as_nft(rules[3], own),
            "ip6 daddr 2001:db8::2 tcp dport 8080 dnat to [fd00::2]:80");
  EXPECT_EQ(network::shared_rules(AF_INET6).size(), 4U);
  const auto inside = network::egress_rules(
      {{*addresses::parse_subnet("192.0.2.0/24"), {}}, {*addresses::parse_subnet("fd01::/16"), {}}},
      AF_INET6);
  ASSERT_EQ(inside.size(), 7U);
  EXPECT_EQ(firewall::as_iptables(inside[2], "", kOwnAddress6),
            "-A MYDOCKER-EGRESS -p ipv6-icmp -m icmp6 --icmpv6-type 135 -j ACCEPT");
  EXPECT_EQ(firewall::as_nft(inside[3], kOwnAddress6), "icmpv6 type 136 accept");
  EXPECT_EQ(firewall::as_nft(inside[5], kOwnAddress6), "ip6 daddr fd01::/16 accept");
  EXPECT_EQ(firewall::as_iptables(inside[6], "", kOwnAddress6),
            "-A MYDOCKER-EGRESS -j REJECT --reject-with icmp6-port-unreachable");
}

TEST(FirewallText, BeforeTheAddressIsKnownItIsNamed) {
  const auto rules = network::own_rules("myd1", {}, AF_INET);
  EXPECT_EQ(firewall::as_iptables(rules[1], "", kOwnAddress),
            "-A MYDOCKER-POSTROUTING -s <address> ! -o myd+ -j MASQUERADE");
}

TEST(FirewallText, WhatWasRefusedIsCounted) {
  EXPECT_EQ(firewall::refused_in("17"), 17U);
  EXPECT_EQ(
      firewall::refused_in("table ip mydocker {\n\tchain egress {\n\t\toifname \"lo\" accept\n"
                           "\t\tcounter packets 3 bytes 252 reject\n\t}\n}\n"),
      3U);
  EXPECT_EQ(firewall::refused_in(""), 0U);
  EXPECT_EQ(firewall::refused_in("counter packets"), 0U);
}

TEST(FirewallText, AnNftTableTakesThePlaceOfOneOfItsName) {
  const FirewallRule rule{.in = {"myd+", false}, .verdict = Verdict::accept};
  EXPECT_EQ(firewall::nft_table("ip", "mydocker", {rule}, kOwn),
            "table ip mydocker\n"
            "delete table ip mydocker\n"
            "table ip mydocker {\n"
            "  chain forward {\n"
            "    type filter hook forward priority filter;\n"
            "    iifname \"myd*\" accept\n"
            "  }\n"
            "}\n");
}

}  // namespace
}  // namespace mydocker::test
