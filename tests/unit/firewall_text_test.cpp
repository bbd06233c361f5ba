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
  EXPECT_EQ(iptables_lines(network::shared_rules(), ""),
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
      nft_lines(network::shared_rules()),
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
  const auto rules = network::own_rules("myd1", {port("127.0.0.1", Transport::tcp)});
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
  const auto rules = network::own_rules("myd1", {port("0.0.0.0", Transport::udp)});
  const Lines lines = iptables_lines(rules, "web");
  ASSERT_EQ(lines.size(), 4U);
  const std::string behind =
      " -p udp -m addrtype --dst-type LOCAL -m udp --dport 8080 -m comment --comment web -j DNAT "
      "--to-destination 172.16.1.5:80";
  EXPECT_EQ(lines[2], "nat -A MYDOCKER-OUTPUT" + behind);
  EXPECT_EQ(lines[3], "nat -A MYDOCKER-PREROUTING" + behind);
  EXPECT_EQ(nft_lines(rules)[3], "fib daddr type local udp dport 8080 dnat to 172.16.1.5:80");
}

TEST(FirewallText, BeforeTheAddressIsKnownItIsNamed) {
  const auto rules = network::own_rules("myd1", {});
  EXPECT_EQ(firewall::as_iptables(rules[1], "", kOwnAddress),
            "-A MYDOCKER-POSTROUTING -s <address> ! -o myd+ -j MASQUERADE");
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
