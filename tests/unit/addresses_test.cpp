// Addresses and networks as text.
#include <gtest/gtest.h>

#include "helpers/addresses.hpp"

namespace mydocker::test {
namespace {

std::string round_trip(std::string_view text) {
  const auto subnet = addresses::parse_subnet(text);
  return subnet ? addresses::text(*subnet) : "nothing";
}

TEST(Addresses, AreReadAndWritten) {
  EXPECT_EQ(round_trip("172.16.1.0/24"), "172.16.1.0/24");
  EXPECT_EQ(round_trip("192.0.2.7"), "192.0.2.7/32");
  EXPECT_EQ(round_trip("fd00:0::/64"), "fd00::/64");
  EXPECT_EQ(round_trip("::1"), "::1/128");
  EXPECT_EQ(round_trip("0.0.0.0/0"), "0.0.0.0/0");
}

TEST(Addresses, OfAnyOtherFormAreNone) {
  for (const char* const text :
       {"", "1.2.3", "1.2.3.4.5", "01.2.3.4", "256.0.0.1", "1.2.3.4/33", "fd00::/129", "1.2.3.4/",
        "1.2.3.4/x", " 1.2.3.4", "1.2.3.4 ", "1.2.3.0/-1", "localhost"}) {
    EXPECT_EQ(round_trip(text), "nothing") << text;
  }
}

TEST(Addresses, BehindThePrefixHaveNoBitsInANetwork) {
  EXPECT_EQ(round_trip("172.16.1.1/24"), "nothing");
  EXPECT_EQ(round_trip("10.0.0.128/25"), "10.0.0.128/25");
  EXPECT_EQ(round_trip("10.0.0.64/25"), "nothing");
}

TEST(Addresses, OverlapWhereTheShorterPrefixAgrees) {
  const auto overlap = [](const char* a, const char* b) {
    return addresses::overlap(*addresses::parse_subnet(a), *addresses::parse_subnet(b));
  };
  EXPECT_TRUE(overlap("172.16.0.0/12", "172.31.255.0/24"));
  EXPECT_TRUE(overlap("172.16.1.0/24", "172.16.1.77"));
  EXPECT_FALSE(overlap("172.16.1.0/24", "172.16.2.0/24"));
  EXPECT_FALSE(overlap("10.0.0.0/25", "10.0.0.128/25"));
  EXPECT_FALSE(overlap("0.0.0.0/0", "::/0"));
}

TEST(Addresses, AreCountedFromTheNetworksFirst) {
  const Subnet subnet = *addresses::parse_subnet("172.16.1.0/24");
  EXPECT_EQ(addresses::text(addresses::nth(subnet, 1)), "172.16.1.1");
  EXPECT_EQ(addresses::text(addresses::nth(subnet, 254)), "172.16.1.254");
  const Subnet wide = *addresses::parse_subnet("10.0.0.0/8");
  EXPECT_EQ(addresses::text(addresses::nth(wide, 258)), "10.0.1.2");
  const Subnet v6 = *addresses::parse_subnet("fd00:1::/64");
  EXPECT_EQ(addresses::text(addresses::nth(v6, 2)), "fd00:1::2");
}

TEST(Addresses, OfTheLoopbackAndOfAll) {
  EXPECT_TRUE(addresses::is_loopback(*addresses::parse("127.3.2.1")));
  EXPECT_TRUE(addresses::is_loopback(*addresses::parse("::1")));
  EXPECT_FALSE(addresses::is_loopback(*addresses::parse("128.0.0.1")));
  EXPECT_TRUE(addresses::is_any(*addresses::parse("::")));
  EXPECT_FALSE(addresses::is_any(kOwnAddress));
}

TEST(Uplinks, AreThoseOfTheBestDefaultRoutes) {
  NetworkFacts facts;
  const Subnet all{{AF_INET, {}}, 0}, some = *addresses::parse_subnet("10.0.0.0/8");
  facts.routes = {{all, "wlan0", 600}, {all, "eth0", 100}, {all, "eth1", 100}, {some, "tun0", 0}};
  EXPECT_EQ(facts.uplinks(AF_INET), (std::vector<std::string>{"eth0", "eth1"}));
  facts.routes.push_back({{{AF_INET6, {}}, 0}, "tun0", 1024});
  EXPECT_EQ(facts.uplinks(AF_INET6), (std::vector<std::string>{"tun0"}));
}

}  // namespace
}  // namespace mydocker::test
