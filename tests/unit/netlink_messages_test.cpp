// Requests to the kernel's network, byte by byte.
#include <gtest/gtest.h>
#include <linux/if_link.h>
#include <linux/rtnetlink.h>
#include <net/if.h>

#include <map>

#include "helpers/addresses.hpp"
#include "helpers/netlink_messages.hpp"

namespace mydocker::test {
namespace {

using netlink::Message;

nlmsghdr header_of(std::string_view bytes) {
  nlmsghdr out{};
  std::memcpy(&out, bytes.data(), sizeof out);
  return out;
}

template <class Fixed>
Fixed fixed_of(std::string_view bytes) {
  Fixed out{};
  std::memcpy(&out, bytes.data() + NLMSG_HDRLEN, sizeof out);
  return out;
}

std::map<std::uint16_t, std::string> attributes(std::string_view bytes) {
  std::map<std::uint16_t, std::string> out;
  netlink::for_each_attribute(bytes, [&](auto type, auto data) { out[type] = data; });
  return out;
}

template <class Fixed>
std::map<std::uint16_t, std::string> attributes_of(const Message& message) {
  return attributes(message.bytes().substr(NLMSG_SPACE(sizeof(Fixed))));
}

std::string data_of(std::uint32_t number) {
  return {reinterpret_cast<const char*>(&number), sizeof number};
}

const netlink::Numbers kNumbers{7, 4711, *addresses::parse("172.16.1.5")};

TEST(NetlinkMessages, HaveALengthAndAlignedAttributes) {
  Message message(RTM_NEWLINK, 0, ifinfomsg{});
  message.add_text(IFLA_IFNAME, "ab");
  message.add_number(IFLA_MTU, std::uint32_t{1500});
  const std::string_view bytes = message.bytes();
  EXPECT_EQ(header_of(bytes).nlmsg_len, bytes.size());
  EXPECT_EQ(header_of(bytes).nlmsg_flags, NLM_F_REQUEST);
  ASSERT_EQ(bytes.size(), NLMSG_SPACE(sizeof(ifinfomsg)) + 8 + 8);
  EXPECT_EQ(bytes.substr(NLMSG_SPACE(sizeof(ifinfomsg)), 8), std::string_view("\x07\x00\x03\x00"
                                                                              "ab\x00\x00",
                                                                              8));
}

// The length of an attribute has 16 bits: more would become another request in its middle
// (CVE-2021-43784).
TEST(NetlinkMessages, TakeNoAttributeThatIsTooLong) {
  constexpr std::size_t kMost = UINT16_MAX - sizeof(nlattr);
  Message message(RTM_NEWLINK, 0, ifinfomsg{});
  message.add(IFLA_IFALIAS, std::string(kMost, 'a'));
  const std::string before(message.bytes());
  EXPECT_THROW(message.add(IFLA_IFALIAS, std::string(kMost + 1, 'a')), std::system_error);
  EXPECT_THROW(message.add(IFLA_IFALIAS, std::string(70000, 'a')), std::system_error);
  EXPECT_EQ(message.bytes(), before);
  const auto fill = [&] { message.add(IFLA_IFALIAS, std::string(kMost, 'a')); };
  EXPECT_THROW(message.nest(IFLA_LINKINFO, fill), std::system_error) << "nor one full of others";
}

TEST(NetlinkMessages, APairIsBornWithItsPeerInTheContainer) {
  const Message message = netlink::message_of(AddVethPair{"myd1", "eth0", 1400}, kNumbers);
  const auto header = header_of(message.bytes());
  EXPECT_EQ(header.nlmsg_type, RTM_NEWLINK);
  EXPECT_EQ(header.nlmsg_flags, NLM_F_REQUEST | NLM_F_CREATE | NLM_F_EXCL);
  auto link = attributes_of<ifinfomsg>(message);
  EXPECT_EQ(link[IFLA_IFNAME], std::string("myd1\0", 5));
  EXPECT_EQ(link[IFLA_MTU], data_of(1400));
  auto info = attributes(link[IFLA_LINKINFO]);
  EXPECT_EQ(info[IFLA_INFO_KIND], "veth");
  const std::string peer = attributes(info[IFLA_INFO_DATA])[1];  // VETH_INFO_PEER
  ASSERT_GT(peer.size(), sizeof(ifinfomsg));
  auto inside = attributes(std::string_view(peer).substr(sizeof(ifinfomsg)));
  EXPECT_EQ(inside[IFLA_IFNAME], std::string("eth0\0", 5));
  EXPECT_EQ(inside[IFLA_MTU], data_of(1400));
  EXPECT_EQ(inside[IFLA_NET_NS_PID], data_of(4711));
}

TEST(NetlinkMessages, AnAddressIsTheContainersOwnWhereNoneIsNamed) {
  const Message message = netlink::message_of(AddAddress{"eth0", {kOwnAddress, 32}}, kNumbers);
  const auto fixed = fixed_of<ifaddrmsg>(message.bytes());
  EXPECT_EQ(fixed.ifa_family, AF_INET);
  EXPECT_EQ(fixed.ifa_prefixlen, 32);
  EXPECT_EQ(fixed.ifa_index, 7U);
  EXPECT_EQ(attributes_of<ifaddrmsg>(message)[IFA_LOCAL], std::string("\xac\x10\x01\x05"));
}

TEST(NetlinkMessages, ALinkIsSetUpAndNothingElse) {
  const auto fixed = fixed_of<ifinfomsg>(netlink::message_of(RaiseLink{"eth0"}, kNumbers).bytes());
  EXPECT_EQ(fixed.ifi_index, 7);
  EXPECT_EQ(fixed.ifi_flags, IFF_UP);
  EXPECT_EQ(fixed.ifi_change, IFF_UP);
}

TEST(NetlinkMessages, ARouteToAnAddressIsRefusedWhereThereIsOne) {
  const AddRoute request{"myd1", addresses::alone(*addresses::parse("172.16.1.9")), std::nullopt};
  const Message message = netlink::message_of(request, kNumbers);
  EXPECT_EQ(header_of(message.bytes()).nlmsg_flags, NLM_F_REQUEST | NLM_F_CREATE | NLM_F_EXCL);
  const auto fixed = fixed_of<rtmsg>(message.bytes());
  EXPECT_EQ(fixed.rtm_dst_len, 32);
  EXPECT_EQ(fixed.rtm_scope, RT_SCOPE_LINK);
  auto route = attributes_of<rtmsg>(message);
  EXPECT_EQ(route[RTA_DST], std::string("\xac\x10\x01\x09"));
  EXPECT_EQ(route[RTA_OIF], data_of(7));
  EXPECT_EQ(route.count(RTA_GATEWAY), 0U);
}

TEST(NetlinkMessages, TheDefaultRouteHasAGateway) {
  const AddRoute request{"eth0", std::nullopt, addresses::parse("172.16.1.1")};
  const Message message = netlink::message_of(request, kNumbers);
  EXPECT_EQ(fixed_of<rtmsg>(message.bytes()).rtm_dst_len, 0);
  EXPECT_EQ(fixed_of<rtmsg>(message.bytes()).rtm_scope, RT_SCOPE_UNIVERSE);
  EXPECT_EQ(attributes_of<rtmsg>(message)[RTA_GATEWAY], std::string("\xac\x10\x01\x01"));
}

TEST(NetlinkMessages, AreToldAsOneTypesThem) {
  EXPECT_EQ(netlink::words_of(AddRoute{"eth0", std::nullopt, addresses::parse("172.16.1.1")}),
            "route add default via 172.16.1.1 dev eth0");
  EXPECT_EQ(netlink::words_of(AddAddress{"eth0", {kOwnAddress, 32}}),
            "address add <address>/32 dev eth0");
}

// A route of an answer: what route_in() makes of it.
std::optional<netlink::IndexedRoute> route(std::uint8_t kind, std::uint8_t prefix, const char* to) {
  rtmsg fixed{};
  fixed.rtm_family = AF_INET;
  fixed.rtm_type = kind;
  fixed.rtm_dst_len = prefix;
  Message message(RTM_NEWROUTE, 0, fixed);
  message.add_address(RTA_DST, *addresses::parse(to));
  message.add_number(RTA_OIF, std::uint32_t{3});
  message.add_number(RTA_PRIORITY, std::uint32_t{100});
  return netlink::route_in(message.bytes());
}

TEST(NetlinkMessages, RoutesAreRead) {
  const auto found = route(RTN_UNICAST, 24, "192.0.2.0");
  ASSERT_TRUE(found);
  EXPECT_EQ(addresses::text(found->to), "192.0.2.0/24");
  EXPECT_EQ(found->link, 3U);
  EXPECT_EQ(found->metric, 100U);
  EXPECT_TRUE(route(RTN_LOCAL, 32, "192.0.2.7"));
  EXPECT_TRUE(route(RTN_BLACKHOLE, 16, "10.9.0.0"));
  EXPECT_FALSE(route(RTN_BROADCAST, 32, "192.0.2.255"));
}

TEST(NetlinkMessages, AddressesAreRead) {
  const AddAddress wire{"eth0", {*addresses::parse("192.0.2.7"), 24}};
  const auto found = netlink::address_in(netlink::message_of(wire, kNumbers).bytes());
  ASSERT_TRUE(found);
  EXPECT_EQ(addresses::text(found->address), "192.0.2.7/24");
  ifaddrmsg own_link{};
  own_link.ifa_scope = RT_SCOPE_LINK;
  EXPECT_FALSE(netlink::address_in(Message(RTM_NEWADDR, 0, own_link).bytes()));
  EXPECT_FALSE(netlink::address_in(Message(RTM_NEWROUTE, 0, ifaddrmsg{}).bytes()));
  EXPECT_FALSE(netlink::address_in(std::string_view()));
}

TEST(NetlinkMessages, CutShortTellNothing) {
  EXPECT_FALSE(netlink::route_in(std::string_view()));
  std::string broken("\xff\x00\x01\x00xy", 6);  // says 255 bytes
  EXPECT_TRUE(attributes(broken).empty());
  EXPECT_TRUE(attributes(std::string_view("\x03\x00\x01\x00", 4)).empty())
      << "shorter than its head";
}

}  // namespace
}  // namespace mydocker::test
