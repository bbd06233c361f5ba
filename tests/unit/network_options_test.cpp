// --network and its companions: what they mean, and what is refused.
#include "helpers/addresses.hpp"
#include "unit/samples.hpp"

namespace mydocker::test {
namespace {

std::string refusal(Words words) {
  words.insert(words.begin(), "-a");
  words.emplace_back("/bin/true");
  return refusal_of(words);
}

TEST(NetworkOptions, NameANetwork) {
  EXPECT_EQ(spec_of({"-a", "/bin/true"}).network.kind, NetworkKind::none);
  EXPECT_EQ(spec_of({"-a", "--network", "nat", "/bin/true"}).network.kind, NetworkKind::nat);
  EXPECT_EQ(spec_of({"-a", "--network", "pasta", "/bin/true"}).network.kind, NetworkKind::pasta);
  EXPECT_EQ(spec_of({"-a", "--network", "cni:web", "/bin/true"}).network.cni->name, "web");
  EXPECT_EQ(refusal({"--network", "cni:web", "--name", "a+b"}),
            "name 'a+b': CNI plugins take no '+' in it");
  const ContainerSpec host = spec_of({"-a", "--network", "host", "/bin/true"});
  EXPECT_TRUE(host.namespaces.network.is_inherited());
  EXPECT_TRUE(host.sysctls.empty()) << "who may ping on the host is the host's business";
  const ContainerSpec other = spec_of({"-a", "--network", "ns:/run/netns/a", "/bin/true"});
  EXPECT_EQ(other.namespaces.network, joined("/run/netns/a"));
}

TEST(NetworkOptions, NameABridge) {
  const ContainerSpec spec = spec_of({"-a", "--network", "bridge:br-lan.7", "/bin/true"});
  EXPECT_EQ(spec.network.kind, NetworkKind::bridge);
  EXPECT_EQ(spec.network.bridge, "br-lan.7");
  EXPECT_FALSE(spec.network.is_open_to_bridge);
  EXPECT_TRUE(
      spec_of({"-a", "--network", "bridge:br7", "--icc", "/bin/true"}).network.is_open_to_bridge);
  EXPECT_EQ(refusal({"--network", "nat", "--icc"}), "--icc: needs --network bridge:NAME");
  // Names that the kernel, or a packet filter's language, takes for something else; and our own.
  for (const char* const name :
       {"", "a/b", "..", "-a", "a+", "a b", "sixteen-letters-", "myd0123456789ab"}) {
    const std::string word = "bridge:" + std::string(name);
    EXPECT_EQ(refusal({"--network", word}).find("--network '" + word + "': allowed are"), 0U)
        << name;
  }
}

TEST(NetworkOptions, ARunningContainersNetworkIsFoundByItsName) {
  cli::Surroundings around = fake_surroundings();
  around.network_of = [](const std::string& id) { return "/proc/1/ns/net?" + id; };
  const ContainerSpec spec =
      cli::to_spec(options_of({"-a", "--network", "container:web", "/bin/true"}), around);
  EXPECT_EQ(spec.namespaces.network, joined("/proc/1/ns/net?web"));
}

TEST(NetworkOptions, AreRefusedWhereTheyMeanNothing) {
  const std::string kinds = ": allowed are none, host, nat, pasta, bridge:NAME, cni:NAME,";
  for (const char* const word :
       {"", "bridge", "Nat", "nat:", "ns:run", "container:", "container:../a", "host:x", "none:"}) {
    EXPECT_EQ(refusal({"--network", word}).find("--network '" + std::string(word) + "'" + kinds),
              0U)
        << word;
  }
  EXPECT_EQ(refusal({"-p", "80:80"}), "-p: needs --network nat, pasta or cni:NAME");
  EXPECT_EQ(refusal({"--network", "host", "-p", "80:80"}),
            "-p: needs --network nat, pasta or cni:NAME");
  EXPECT_EQ(refusal({"--network", "pasta", "-p", "[fd00::1]:80:80"}), "-p 'fd00::1': needs --ipv6");
  EXPECT_EQ(refusal({"--subnet", "10.0.0.0/24"}), "--subnet: needs --network nat");
}

std::vector<PublishedPort> ports(const char* word) {
  return spec_of({"-a", "--network", "nat", "-p", word, "/bin/true"}).network.ports;
}

TEST(NetworkOptions, PortsAreOfTheLoopbackUnlessSaidOtherwise) {
  const IpAddress loopback = *addresses::parse("127.0.0.1");
  using Ports = std::vector<PublishedPort>;
  EXPECT_EQ(ports("8080:80"), (Ports{{loopback, 8080, 80, Transport::tcp}}));
  EXPECT_EQ(ports("53:5353/udp"), (Ports{{loopback, 53, 5353, Transport::udp}}));
  EXPECT_EQ(ports("0.0.0.0:1:65535/tcp"),
            (Ports{{*addresses::parse("0.0.0.0"), 1, 65535, Transport::tcp}}));
  const auto v6 = spec_of({"-a", "--network", "nat", "--ipv6", "-p", "[fd00::1]:8080:80", "ls"});
  EXPECT_EQ(v6.network.ports, (Ports{{*addresses::parse("fd00::1"), 8080, 80, Transport::tcp}}));
}

TEST(NetworkOptions, PortsOfAnyOtherFormAreRefused) {
  for (const char* const word :
       {"[::1]:80:80", "80", ":80", "80:", "0:80", "80:0", "65536:80", "a:80", "80:80/sctp",
        "::1:80:80", "1.2.3:80:80", "1.2.3.4:80", "[1.2.3.4]:80:80", "80:80:80:80", " 80:80"}) {
    EXPECT_EQ(refusal({"--network", "nat", "-p", word}).find("-p '" + std::string(word)), 0U)
        << word;
  }
}

TEST(NetworkOptions, WhomAloneItMaySpeakTo) {
  const auto egress = [](const char* word) {
    return spec_of({"-a", "--network", "nat", "--egress", word, "/bin/true"})
        .network.egress.value()
        .at(0);
  };
  const Subnet some = *addresses::parse_subnet("192.0.2.0/24");
  EXPECT_EQ(egress("192.0.2.0/24"), (Egress{some, std::nullopt}));
  EXPECT_EQ(egress("192.0.2.0/24:443"), (Egress{some, 443}));
  for (const char* const word :
       {"", "192.0.2.1/24", "192.0.2.0/24:0", "192.0.2.0/24:", "a:1", ":1"}) {
    EXPECT_EQ(refusal({"--network", "nat", "--egress", word}).find("--egress '"), 0U) << word;
  }
  EXPECT_EQ(refusal({"--egress", "192.0.2.1"}),
            "--egress: needs a network with a way out, as --network nat");
  EXPECT_EQ(refusal({"--network", "nat", "--egress", "fd00::/8"}),
            "--egress 'fd00::': needs --ipv6");
  ContainerSpec spec = spec_of({"-a", "--network", "nat", "--egress", "192.0.2.1", "/bin/true"});
  spec.process.capabilities.bounding.push_back(12);  // CAP_NET_ADMIN
  EXPECT_EQ(problems_of(spec).size(), 1U);
}

TEST(NetworkOptions, SubnetsAndResolversAreAddresses) {
  for (const char* const word : {"172.16.1.1/24", "10.0.0.0/31", "10.0.0.0/7", "fd00::/127", "x"}) {
    EXPECT_EQ(refusal({"--network", "nat", "--subnet", word}).find("--subnet '"), 0U) << word;
  }
  EXPECT_EQ(refusal({"--network", "nat", "--dns", "example.org"}),
            "--dns 'example.org': allowed are IPv4 and IPv6 addresses");
  EXPECT_EQ(refusal({"--network", "nat", "--firewall", "ufw"}),
            "--firewall 'ufw': allowed are nft and legacy");
}

}  // namespace
}  // namespace mydocker::test
