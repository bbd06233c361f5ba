// The network stage with `bridge:NAME`: whose bridge it is, and what becomes of it.
#include <gtest/gtest.h>

#include <algorithm>

#include "helpers/addresses.hpp"
#include "helpers/firewall_text.hpp"
#include "helpers/netlink_messages.hpp"
#include "namespaces/network/firewall_rules.hpp"
#include "namespaces/network/nat.hpp"
#include "unit/samples.hpp"

namespace mydocker::test {
namespace {

const IpAddress kFirst = *addresses::parse("172.16.1.1");
const HardwareAddress kOurs = addresses::hardware_address(kFirst),
                      kDockers("\x02\x42\x01\x02\x03\x04");

HostFacts host_with(std::optional<BridgeFacts> bridge) {
  HostFacts facts = v2_host();
  facts.network.routes = {{{{AF_INET, {}}, 0}, "eth7", 100}};
  facts.network.mtu = 1400;
  facts.network.resolv_conf = "nameserver 192.0.2.53\n";
  facts.network.bridge = std::move(bridge);
  return facts;
}

Words on_bridge(const Words& options = {}) {
  Words out{"-a", "--network", "bridge:br7", "--name", "web"};
  out.insert(out.end(), options.begin(), options.end());
  out.emplace_back("/bin/true");
  return out;
}

BridgeFacts dockers() {
  return {"bridge", kDockers, Subnet{*addresses::parse("172.17.0.1"), 16}, 1300};
}

TakePort port_of(const Plan& plan) { return all<TakePort>(plan.attach).at(0); }

TEST(BridgePlan, ABridgeThatIsNotThereIsMadeAndTakenBack) {
  const Plan plan = plan_for(on_bridge(), host_with(std::nullopt));
  const SharedUse use{"/run/mydocker", "web"};
  const std::size_t at = index_of(plan.prepare, MakeBridge{"br7", {kFirst, 24}, kOurs, use});
  ASSERT_LT(at, plan.prepare.size());
  EXPECT_EQ(plan.prepare[at].undo, (std::vector<Action>{LeaveBridge{"br7", use}}));
  EXPECT_EQ(port_of(plan),
            (TakePort{network::link_name("web"), "br7", *addresses::parse_subnet("172.16.1.0/24"),
                      kFirst, false, use}));
  const HoldSetting quiet{"net/ipv4/conf/br7/forwarding", "1", {}, use};
  EXPECT_TRUE(has(plan.prepare, quiet)) << "nobody has to be told";
  const HoldSetting told{"net/ipv4/conf/eth7/forwarding", "1", "forwarding is on for eth7", use};
  EXPECT_TRUE(has(plan.prepare, told));
}

TEST(BridgePlan, ThePortIsLockedAndFilteredBeforeItIsUp) {
  const std::string link = network::link_name("web");
  using Way = FilterFrames::Way;
  for (const bool is_open : {false, true}) {
    const Plan plan =
        plan_for(on_bridge(is_open ? Words{"--icc"} : Words{}), host_with(std::nullopt));
    const auto at = [&](const Action& action) { return index_of(plan.attach, action); };
    const std::size_t up = at(Netlink{NetworkOf::host, RaiseLink{link}});
    ASSERT_LT(up, plan.attach.size());
    for (const LinkRequest& request :
         {LinkRequest{LockPort{link, !is_open}},
          LinkRequest{FilterFrames{link, Way::from_container, kOurs, is_open}},
          LinkRequest{FilterFrames{link, Way::to_container, kOurs, is_open}}})
      EXPECT_LT(at(Netlink{NetworkOf::host, request}), up) << netlink::words_of(request);
    EXPECT_LT(at(Netlink{NetworkOf::container, RaiseLink{"eth0"}}), up)
        << "else the port would wait for its carrier, and lose the first packet";
    EXPECT_TRUE(has(plan.attach,
                    Netlink{NetworkOf::container, AddNeighbour{"eth0", kFirst, kOurs, false}}));
  }
}

TEST(BridgePlan, OnesOfOthersKeepsItsAddressAndTheirLowerHalf) {
  const Plan plan = plan_for(on_bridge(), host_with(dockers()));
  const IpAddress gateway = *addresses::parse("172.17.0.1");
  EXPECT_TRUE(
      has(plan.prepare, MakeBridge{"br7", {gateway, 16}, kDockers, {"/run/mydocker", "web"}}));
  EXPECT_EQ(addresses::text(port_of(plan).range), "172.17.128.0/17");
  EXPECT_TRUE(port_of(plan).has_strangers);
  const AddVethPair pair{network::link_name("web"), "eth0", 1300};
  EXPECT_TRUE(has(plan.attach, Netlink{NetworkOf::host, pair})) << "a larger one would change it";
  const Plan part = plan_for(on_bridge({"--subnet", "172.17.9.0/24"}), host_with(dockers()));
  EXPECT_EQ(addresses::text(port_of(part).range), "172.17.9.0/24");
}

TEST(BridgePlan, OneOfOursIsUsedAsItIs) {
  const BridgeFacts ours{"bridge", kOurs, Subnet{kFirst, 24}, 1400};
  EXPECT_FALSE(port_of(plan_for(on_bridge(), host_with(ours))).has_strangers);
  const BridgeFacts half_made{"bridge", kOurs, std::nullopt, 1500};
  EXPECT_TRUE(has(plan_for(on_bridge(), host_with(half_made)).prepare,
                  MakeBridge{"br7", {kFirst, 24}, kOurs, {"/run/mydocker", "web"}}));
}

TEST(BridgePlan, WhatCannotBeUsedIsRefused) {
  BridgeFacts other = dockers();
  other.kind = "veth";
  EXPECT_NE(refused(on_bridge(), host_with(other)).find("no bridge"), std::string::npos);
  other = dockers();
  other.address.reset();
  EXPECT_NE(refused(on_bridge(), host_with(other)).find("no IPv4 address"), std::string::npos);
  EXPECT_EQ(refused(on_bridge({"--subnet", "10.1.0.0/24"}), host_with(dockers())),
            "MyDocker: network: use the bridge br7\n"
            "  hint: its network is 172.17.0.0/16: --subnet has to be a part of that");
  HostFacts facts = host_with(dockers());
  facts.network.routes[0].link = "br7";
  EXPECT_NE(refused(on_bridge(), facts).find("way out leads over it"), std::string::npos);
}

TEST(BridgePlan, TheWayToTheLoopbackIsOpenedBehindTheRuleThatGuardsIt) {
  const HoldSetting open{"net/ipv4/conf/br7/route_localnet", "1", {}, {"/run/mydocker", "web"}};
  const Plan plan = plan_for(on_bridge({"-p", "8080:80"}), host_with(std::nullopt));
  EXPECT_LT(index_of(plan.finish, AwaitRules{}), index_of(plan.finish, open));
  EXPECT_LT(index_of(plan.finish, open), plan.finish.size());
  EXPECT_FALSE(has(plan_for(on_bridge(), host_with(std::nullopt)).finish, open));
}

std::vector<std::string> rules(bool is_open) {
  std::vector<std::string> out;
  for (const auto& rule : network::bridge_rules("br7", is_open, {}))
    out.push_back(firewall::as_iptables(rule, "", *addresses::parse("172.16.1.5")));
  return out;
}

TEST(BridgePlan, DropsStandBeforeAllThatIsAccepted) {
  const std::string first = "-I MYDOCKER-FORWARD ", last = "-A MYDOCKER-FORWARD ";
  EXPECT_EQ(rules(false),
            (std::vector<std::string>{
                "-A MYDOCKER-PREROUTING -d 127.0.0.0/8 -i br7 -j DROP",
                first + "-d 172.16.1.5/32 -i myd+ -o br7 -j DROP",
                first + "-s 172.16.1.5/32 -i br7 -o myd+ -j DROP",
                first + "-s 172.16.1.5/32 -i br7 -o br7 -j DROP",
                first + "-d 172.16.1.5/32 -i br7 -o br7 -j DROP",
                first + "-d 172.16.1.5/32 ! -i br7 -o br7 -m conntrack --ctstate "
                        "RELATED,ESTABLISHED,DNAT -j ACCEPT",
                first + "-d 172.16.1.5/32 ! -i br7 -o br7 -j DROP",
                last + "-s 172.16.1.5/32 -i br7 ! -o br7 -j ACCEPT",
                "-A MYDOCKER-POSTROUTING -s 127.0.0.0/8 -d 172.16.1.5/32 -o br7 -j MASQUERADE",
                "-A MYDOCKER-POSTROUTING -s 172.16.1.5/32 ! -o br7 -j MASQUERADE"}));
  const auto open = rules(true);
  EXPECT_EQ(std::count(open.begin(), open.end(), last + "-d 172.16.1.5/32 -i br7 -o br7 -j ACCEPT"),
            1);
  EXPECT_EQ(std::count(open.begin(), open.end(), first + "-d 172.16.1.5/32 -i br7 -o br7 -j DROP"),
            0);
}

}  // namespace
}  // namespace mydocker::test
