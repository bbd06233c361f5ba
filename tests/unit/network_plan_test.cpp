// The network stage: none, the host's, somebody's, a routed pair; and the files that go with it.
#include <linux/sched.h>

#include <algorithm>

#include "helpers/addresses.hpp"
#include "helpers/firewall_text.hpp"
#include "helpers/network_files.hpp"
#include "namespaces/network/nat.hpp"
#include "namespaces/network/subnets.hpp"
#include "unit/samples.hpp"

namespace mydocker::test {
namespace {

HostFacts host_with_uplink() {
  HostFacts facts = v2_host();
  facts.network.routes = {{{{AF_INET, {}}, 0}, "eth7", 100},
                          {*addresses::parse_subnet("192.0.2.0/24"), "eth7", 100}};
  facts.network.mtu = 1400;
  facts.network.resolv_conf = "nameserver 192.0.2.53\nsearch example.org\n";
  return facts;
}

Route route(const char* to, const char* link) { return {*addresses::parse_subnet(to), link, 0}; }

std::string chosen(const std::vector<Route>& routes) {
  return addresses::text(network::choose_subnet({}, {.routes = routes}, AF_INET));
}

TEST(NetworkPlan, NoneHasALoopbackAndNothingElse) {
  const Plan plan = plan_for({"-a", "--name", "web", "/bin/true"}, host_with_uplink());
  EXPECT_TRUE(has(plan.enter, RaiseLoopback{}));
  EXPECT_TRUE(all<Netlink>(plan.attach).empty());
  EXPECT_TRUE(all<ProvideFile>(plan.enter).empty());
  EXPECT_EQ(plan_for({"-a", "--network", "none", "--name", "web", "/bin/true"}).clone_flags,
            plan.clone_flags);
}

TEST(NetworkPlan, TheHostsNetworkIsNotTouched) {
  const Plan plan = plan_for({"-aU", "--network", "host", "/bin/true"});
  EXPECT_EQ(plan.clone_flags & CLONE_NEWNET, 0U);
  EXPECT_TRUE(all<RaiseLoopback>(plan.enter).empty());
  for (const auto& write : all<WriteFile>(plan.enter))
    EXPECT_EQ(write.path.find("/proc/sys/net"), std::string::npos) << write.path;
  ASSERT_EQ(plan.notices.size(), 1U);
  EXPECT_NE(plan.notices[0].find("shares the host's network"), std::string::npos);
}

TEST(NetworkPlan, SysOfAnothersNetworkIsACopyOfTheHosts) {
  const auto copies = [](const Words& words) {
    const Plan plan = plan_for(words);
    MountFlags flags = kInert;
    flags.read_only = true;
    return has(plan.prepare, OpenTree{1, "/sys", false}) &&
           has(plan.prepare, private_tree(1, flags)) && has(plan.enter, AttachTree{1, "/sys"});
  };
  EXPECT_TRUE(copies({"-aU", "--network", "host", "/bin/true"}));
  EXPECT_TRUE(copies({"-aU", "--network", "ns:/run/netns/a", "/bin/true"}));
  EXPECT_FALSE(copies({"-a", "--network", "host", "/bin/true"}));
  EXPECT_FALSE(copies({"-aU", "/bin/true"}));
}

// With -U the child has no say in a network of the host's; whoever clones it still has.
TEST(NetworkPlan, AnothersNetworkIsEnteredBeforeTheIdsChange) {
  const Plan with = plan_for({"-aU", "--network", "ns:/run/netns/a", "/bin/true"});
  EXPECT_EQ(with.join_first, std::uint64_t{CLONE_NEWNET});
  EXPECT_FALSE(has(with.enter, JoinNamespaces{CLONE_NEWNET}));
  const Plan without = plan_for({"-a", "--network", "ns:/run/netns/a", "/bin/true"});
  EXPECT_EQ(without.join_first, 0U);
  EXPECT_TRUE(has(without.enter, JoinNamespaces{CLONE_NEWNET}));
}

TEST(NetworkPlan, APairIsMadeWhileTheChildWaits) {
  const Plan plan =
      plan_for({"-a", "--network", "nat", "--name", "web", "/bin/true"}, host_with_uplink());
  const std::string link = network::link_name("web");
  EXPECT_EQ(link.size(), 15U);
  const Subnet host = *addresses::parse_subnet("172.16.1.1");
  const Action steps[] = {
      Netlink{NetworkOf::host, AddVethPair{link, "eth0", 1400}},
      Netlink{NetworkOf::host, WithoutIpv6{link}},
      Netlink{NetworkOf::host, AddAddress{link, host}},
      WriteFile{"/proc/sys/net/ipv4/conf/" + link + "/rp_filter", "1"},
      WriteFile{"/proc/sys/net/ipv4/conf/" + link + "/forwarding", "1"},
      Netlink{NetworkOf::host, RaiseLink{link}},
      TakeAddress{link, *addresses::parse_subnet("172.16.1.0/24")},
      Netlink{NetworkOf::container, WithoutIpv6{"eth0"}},
      Netlink{NetworkOf::container, AddAddress{"eth0", {kOwnAddress, 32}}},
      Netlink{NetworkOf::container, RaiseLink{"eth0"}},
      Netlink{NetworkOf::container, AddRoute{"eth0", host, std::nullopt}},
      Netlink{NetworkOf::container, AddRoute{"eth0", std::nullopt, host.address}}};
  std::size_t last = 0;
  for (const auto& step : steps) {
    const std::size_t at = index_of(plan.attach, step);
    ASSERT_LT(at, plan.attach.size()) << describe(step);
    EXPECT_GE(at, last) << describe(step);
    last = at;
  }
  EXPECT_FALSE(
      has(plan.attach, WriteFile{"/proc/sys/net/ipv4/conf/" + link + "/route_localnet", "1"}));
}

TEST(NetworkPlan, ForwardingIsForTheUplinkAndIsTakenBack) {
  const Plan plan =
      plan_for({"-a", "--network", "nat", "--name", "web", "/bin/true"}, host_with_uplink());
  const SharedUse use{"/run/mydocker", "web"};
  const std::string setting = "net/ipv4/conf/eth7/forwarding";
  const HoldSetting forwarding{setting, "1", "forwarding is on for eth7", use};
  const std::size_t at = index_of(plan.prepare, forwarding);
  ASSERT_LT(at, plan.prepare.size());
  EXPECT_EQ(plan.prepare[at].undo, (std::vector<Action>{ReleaseSetting{setting, use}}));
  for (const auto& write : all<WriteFile>(plan.attach))
    EXPECT_EQ(write.path.find("ip_forward"), std::string::npos);
}

TEST(NetworkPlan, PortsAreHeldBeforeAnythingIsMade) {
  const Plan plan = plan_for({"-a", "--network", "nat", "-p", "8080:80", "-p",
                              "192.0.2.2:53:5353/udp", "--name", "web", "/bin/true"},
                             host_with_uplink());
  const PublishedPort http{*addresses::parse("127.0.0.1"), 8080, 80, Transport::tcp};
  const PublishedPort dns{*addresses::parse("192.0.2.2"), 53, 5353, Transport::udp};
  EXPECT_EQ(all<HoldPort>(plan.prepare), (std::vector<HoldPort>{{http}, {dns}}));
  EXPECT_TRUE(has(
      plan.attach,
      WriteFile{"/proc/sys/net/ipv4/conf/" + network::link_name("web") + "/route_localnet", "1"}));
  // Behind the rules: until they are there a client's connection is one to the host itself.
  EXPECT_LT(index_of(plan.finish, AwaitRules{}),
            index_of(plan.finish, ForgetConnections{{http, dns}}));
}

// A port of an interface that is no uplink: what comes in there has to be let on, too.
TEST(NetworkPlan, ForwardingIsForTheInterfaceOfAPublishedPort) {
  HostFacts facts = host_with_uplink();
  const auto local = [](const char* address, const char* link) {
    Route out = route(address, link);
    out.is_local = true;
    return out;
  };
  for (const auto& each : {local("127.0.0.1", "lo"), local("192.0.2.2", "eth7"),
                           local("10.9.0.1", "lan0"), local("172.16.1.1", "myd0123456789ab")})
    facts.network.routes.push_back(each);
  const auto links = [&](const char* port) {
    std::vector<std::string> out;
    const Plan plan = plan_for({"-a", "--network", "nat", "-p", port, "/bin/true"}, facts);
    for (const auto& setting : all<HoldSetting>(plan.prepare)) out.push_back(setting.path);
    return out;
  };
  const std::string eth7 = "net/ipv4/conf/eth7/forwarding", lan0 = "net/ipv4/conf/lan0/forwarding";
  EXPECT_EQ(links("80:80"), (std::vector<std::string>{eth7}));
  EXPECT_EQ(links("10.9.0.1:80:80"), (std::vector<std::string>{eth7, lan0}));
  EXPECT_EQ(links("0.0.0.0:80:80"), (std::vector<std::string>{eth7, lan0}));
}

std::vector<std::string> held(const NetworkFacts& network) {
  HostFacts facts = host_with_uplink();
  facts.network = network;
  facts.network.resolv_conf = "nameserver 192.0.2.53\n";
  std::vector<std::string> out;
  const Plan plan = plan_for({"-a", "--network", "nat", "--ipv6", "/bin/true"}, facts);
  for (const auto& setting : all<HoldSetting>(plan.prepare))
    out.push_back(setting.path + "=" + setting.value);
  return out;
}

// Where the kernel can forward for one interface alone, that; else for all, and a router's word goes
// on counting, in this order.
TEST(NetworkPlan, ForwardingOfIpv6ChangesAsLittleAsTheKernelLetsIt) {
  using Lines = std::vector<std::string>;
  NetworkFacts facts;
  facts.routes = {{{{AF_INET6, {}}, 0}, "eth7", 100, true}};
  EXPECT_EQ(held(facts),
            (Lines{"net/ipv6/conf/eth7/accept_ra=2", "net/ipv6/conf/all/forwarding=1"}));
  facts.routes[0].is_advertised = false;
  EXPECT_EQ(held(facts), (Lines{"net/ipv6/conf/all/forwarding=1"}));
  facts.has_force_forwarding = true;
  EXPECT_EQ(held(facts), (Lines{"net/ipv6/conf/eth7/force_forwarding=1"}));
  facts.forwards_ipv6 = true;
  EXPECT_EQ(held(facts), Lines{});
}

TEST(NetworkPlan, Ipv6IsAskedFor) {
  HostFacts facts = host_with_uplink();
  facts.network.routes.push_back(route("fd6d:7964:6f63:1::/64", "vpn0"));
  const Plan plan =
      plan_for({"-a", "--network", "nat", "--ipv6", "--name", "web", "/bin/true"}, facts);
  const std::string link = network::link_name("web");
  EXPECT_TRUE(
      has(plan.attach, TakeAddress{link, *addresses::parse_subnet("fd6d:7964:6f63:2::/64")}));
  EXPECT_TRUE(
      has(plan.attach, Netlink{NetworkOf::container, AddAddress{"eth0", {kOwnAddress6, 128}}}));
  EXPECT_EQ(all<AddRules>(plan.attach).size(), 2U);
  for (const auto& address :
       all<Netlink>(plan_for({"-a", "--network", "nat", "/bin/true"}, facts).attach)) {
    const auto* const added = std::get_if<AddAddress>(&address.request);
    EXPECT_TRUE(added == nullptr || added->address.prefix <= 32);
  }
}

// The program loads while the child is made, and works while it is on its way.
TEST(NetworkPlan, RulesTakeNoTimeOfTheirOwn) {
  const Plan plan = plan_for({"-a", "--network", "nat", "/bin/true"}, host_with_uplink());
  EXPECT_TRUE(has(plan.prepare, StartFirewall{Firewall::legacy}));
  EXPECT_EQ(all<AddRules>(plan.attach).size(), 1U);
  EXPECT_TRUE(has(plan.attach, ForgetConnections{}));
  ASSERT_EQ(plan.finish.size(), 1U);
  EXPECT_EQ(plan.finish[0].action, Action(AwaitRules{}));
  EXPECT_TRUE(plan_for({"-a", "/bin/true"}).finish.empty());
}

TEST(NetworkPlan, TheSubnetIsClearOfTheHostsRoutes) {
  EXPECT_EQ(chosen({}), "172.16.1.0/24");
  EXPECT_EQ(chosen({route("172.16.1.7/32", "lo")}), "172.16.2.0/24");
  EXPECT_EQ(chosen({route("172.16.0.0/16", "docker0")}), "172.17.0.0/24");
  EXPECT_EQ(chosen({route("0.0.0.0/0", "eth0")}), "172.16.1.0/24");
  EXPECT_EQ(chosen({route("172.16.1.2/32", "myd0123456789ab")}), "172.16.1.0/24")
      << "our own routes are not in the way";
  EXPECT_THROW(static_cast<void>(chosen({route("172.16.0.0/12", "vpn0")})), SetupError);
}

TEST(NetworkPlan, ASubnetThatIsInUseIsRefused) {
  HostFacts facts = host_with_uplink();
  facts.network.routes.push_back(route("10.1.0.0/16", "vpn0"));
  EXPECT_EQ(refused({"-a", "--network", "nat", "--subnet", "10.1.2.0/24", "/bin/true"}, facts),
            "MyDocker: network: use the subnet 10.1.2.0/24\n"
            "  hint: a route of this host leads to 10.1.0.0/16 over vpn0: choose another --subnet");
}

TEST(NetworkPlan, TheOriginalsPairHasItsNamesAndAddresses) {
  const Plan plan = plan_for({"-a", "--network", "original", "/bin/true"}, host_with_uplink());
  const IpAddress host = *addresses::parse("172.16.1.1");
  EXPECT_TRUE(has(plan.attach, Netlink{NetworkOf::host, AddVethPair{"veth1", "vpeer1", 1400}}));
  EXPECT_TRUE(has(plan.attach, Netlink{NetworkOf::host, AddAddress{"veth1", {host, 24}}}));
  EXPECT_TRUE(
      has(plan.attach, Netlink{NetworkOf::container, AddAddress{"vpeer1", {kOwnAddress, 24}}}));
  HostFacts facts = host_with_uplink();
  facts.network.routes.push_back(route("172.16.1.7/32", "myd0123456789ab"));
  EXPECT_NE(
      refused({"-a", "--network", "original", "/bin/true"}, facts)
          .find("leads to 172.16.1.7/32 over myd0123456789ab: the original's plan serves one"),
      std::string::npos);
}

TEST(NetworkPlan, WhomAloneItMaySpeakToIsSaidInside) {
  const Plan plan = plan_for({"-aU", "--network", "nat", "--egress", "192.0.2.0/24:443", "--egress",
                              "198.51.100.1", "--name", "web", "/bin/true"},
                             host_with_uplink());
  for (const auto& rules : all<AddRules>(plan.attach)) {
    if (!firewall::are_inside(rules.shared)) continue;
    std::vector<std::string> lines;
    for (const auto& rule : rules.shared)
      lines.push_back(firewall::as_iptables(rule, "", kOwnAddress));
    const std::string chain = "-A MYDOCKER-EGRESS";
    EXPECT_EQ(lines, (std::vector<std::string>{
                         chain + " -o lo -j ACCEPT",
                         chain + " -m conntrack --ctstate RELATED,ESTABLISHED,DNAT -j ACCEPT",
                         chain + " -d 192.0.2.0/24 -p tcp -m tcp --dport 443 -j ACCEPT",
                         chain + " -d 192.0.2.0/24 -p udp -m udp --dport 443 -j ACCEPT",
                         chain + " -d 198.51.100.1/32 -j ACCEPT",
                         chain + " -j REJECT --reject-with icmp-port-unreachable"}));
    return;
  }
  FAIL() << "no rules inside";
}

// The words that pasta is started with.
std::vector<std::string> pasta_words(const Words& options, const HostFacts& facts) {
  Words words{"-aU", "--network", "pasta"};
  words.insert(words.end(), options.begin(), options.end());
  words.emplace_back("/bin/true");
  const auto started = all<StartPasta>(plan_for(words, facts).attach);
  return started.size() == 1 ? started[0].words : Words{};
}

bool follow(const Words& all, const Words& part) {
  return std::search(all.begin(), all.end(), part.begin(), part.end()) != all.end();
}

TEST(NetworkPlan, PastaIsToldToLeadNowhereUnasked) {
  HostFacts facts = host_with_uplink();
  facts.network.address = *addresses::parse("192.0.2.7");
  const Words words = pasta_words({}, facts);
  for (const char* const option : {"-t", "-u", "-T", "-U"})
    EXPECT_TRUE(follow(words, {option, "none"})) << option;
  EXPECT_TRUE(follow(words, {"--no-map-gw"}));
  EXPECT_TRUE(follow(words, {"--address", "192.0.2.7"}));
  EXPECT_TRUE(follow(words, {"--runas", "0", "--netns-only"}));
  EXPECT_EQ(words.front(), "pasta");
}

TEST(NetworkPlan, PastaLeadsPublishedPortsIn) {
  const Words words = pasta_words({"-p", "8080:80", "-p", "192.0.2.7:81:81", "-p", "53:53/udp"},
                                  host_with_uplink());
  EXPECT_TRUE(follow(words, {"-t", "127.0.0.1/8080:80", "-t", "192.0.2.7/81:81"}));
  EXPECT_TRUE(follow(words, {"-u", "127.0.0.1/53:53"}));
  EXPECT_TRUE(follow(words, {"-T", "none", "-U", "none"}));
}

TEST(NetworkPlan, PastaJoinsAUsersNamespaceWhereMyDockerIsNotRoot) {
  HostFacts facts = host_with_uplink();
  facts.uid = 1000;
  const Words words = pasta_words({}, facts);
  EXPECT_TRUE(follow(words, {"--userns", "/proc/<child>/ns/user"}));
  EXPECT_FALSE(follow(words, {"--netns-only"}));
}

TEST(NetworkPlan, PastaIsStartedBehindTheRulesAndEndsWithTheContainer) {
  const Plan plan =
      plan_for({"-a", "--network", "pasta", "--egress", "192.0.2.1", "-p", "80:80", "/bin/true"},
               host_with_uplink());
  ASSERT_EQ(all<AddRules>(plan.attach).size(), 1U);
  EXPECT_TRUE(firewall::are_inside(all<AddRules>(plan.attach)[0].shared));
  EXPECT_TRUE(std::holds_alternative<StartPasta>(plan.attach.back().action));
  EXPECT_EQ(plan.attach.back().undo, (std::vector<Action>{EndPasta{}}));
  EXPECT_EQ(all<HoldPort>(plan.prepare).size(), 1U);
  EXPECT_TRUE(has(plan.enter,
                  WriteFile{"/proc/sys/net/ipv6/conf/eth0/disable_ipv6", "1", Missing::is_fine}));
}

TEST(NetworkPlan, CniPluginsAreRunInTheirOrderAndUndoneTogether) {
  const Plan plan =
      plan_for({"-a", "--network", "cni:net", "-p", "80:81", "--name", "web", "/bin/true"},
               host_with_uplink());
  const SharedUse use{"/run/mydocker", "web"};
  const auto added = all<AddByPlugin>(plan.attach);
  ASSERT_EQ(added.size(), 2U);
  EXPECT_EQ(added[0].plugin.file, "/usr/lib/cni/bridge");
  EXPECT_NE(added[1].plugin.config.find(R"("hostPort":80,"containerPort":81)"), std::string::npos);
  const auto opened = std::find_if(plan.attach.begin(), plan.attach.end(), [](const Step& step) {
    return std::holds_alternative<OpenCni>(step.action);
  });
  ASSERT_NE(opened, plan.attach.end());
  EXPECT_EQ(opened->undo, (std::vector<Action>{CloseCni{use}}));
  EXPECT_EQ(all<HoldPort>(plan.prepare).size(), 1U);
  HostFacts facts = host_with_uplink();
  facts.network.resolv_conf.clear();
  for (const auto& file :
       all<ProvideFile>(plan_for({"-a", "--network", "cni:net", "/bin/true"}, facts).enter))
    EXPECT_EQ(file.is_of_network, file.path == "/etc/resolv.conf")
        << "its plugins may know a resolver";
}

std::string resolv_conf(const Words& words, const HostFacts& facts) {
  Words all_words{"-a", "--network", "nat"};
  all_words.insert(all_words.end(), words.begin(), words.end());
  all_words.emplace_back("/bin/true");
  for (const auto& file : network_files(spec_of(all_words), facts)) {
    if (file.path == "/etc/resolv.conf") return file.text;
  }
  return "there is none";
}

TEST(NetworkFiles, TheResolverIsOneThatTheContainerReaches) {
  HostFacts facts = host_with_uplink();
  EXPECT_EQ(resolv_conf({}, facts), "nameserver 192.0.2.53\nsearch example.org\n");
  facts.network.resolv_conf = "# by somebody\nnameserver 127.0.0.53\noptions edns0\n";
  facts.network.resolved_resolv_conf = "nameserver 192.0.2.1\n";
  EXPECT_EQ(resolv_conf({}, facts), "nameserver 192.0.2.1\n") << "behind systemd-resolved";
  EXPECT_EQ(resolv_conf({"--dns", "198.51.100.1"}, facts),
            "nameserver 198.51.100.1\noptions edns0\n");
}

TEST(NetworkFiles, WithoutSuchAResolverOneHasToBeNamed) {
  HostFacts facts = host_with_uplink();
  facts.network.resolv_conf = "nameserver 127.0.0.1\nnameserver ::1\n";
  EXPECT_NE(refused({"-a", "--network", "nat", "/bin/true"}, facts).find("--dns ADDRESS"),
            std::string::npos);
}

TEST(NetworkFiles, AUsersOwnFileWins) {
  const Plan plan =
      plan_for({"-a", "--network", "nat", "--volume", "/tmp/hosts:/etc/hosts", "/bin/true"},
               host_with_uplink());
  std::vector<std::string> provided;
  for (const auto& file : all<ProvideFile>(plan.enter)) provided.push_back(file.path);
  EXPECT_EQ(provided, (std::vector<std::string>{"/etc/resolv.conf", "/etc/hostname"}));
}

}  // namespace
}  // namespace mydocker::test
