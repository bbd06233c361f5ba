// Requests to a bridge, byte by byte.
#include <gtest/gtest.h>
#include <linux/if_link.h>
#include <linux/neighbour.h>
#include <linux/rtnetlink.h>

#include <map>

#include "helpers/addresses.hpp"
#include "helpers/netlink_messages.hpp"

namespace mydocker::test {
namespace {

using netlink::Message;

const IpAddress kGateway = *addresses::parse("172.16.1.1");
const netlink::Numbers kNumbers{
    .link = 7, .network = 4711, .own = *addresses::parse("172.16.1.5"), .bridge = 9};
const std::string kOwnHardware("\x02M\xac\x10\x01\x05");

std::map<std::uint16_t, std::string> attributes(std::string_view bytes) {
  std::map<std::uint16_t, std::string> out;
  netlink::for_each_attribute(bytes, [&](auto type, auto data) { out[type] = data; });
  return out;
}

template <class Fixed>
std::pair<Fixed, std::map<std::uint16_t, std::string>> parts(const Message& message) {
  Fixed fixed{};
  std::memcpy(&fixed, message.bytes().data() + NLMSG_HDRLEN, sizeof fixed);
  return {fixed, attributes(message.bytes().substr(NLMSG_SPACE(sizeof fixed)))};
}

nlmsghdr header_of(const Message& message) {
  nlmsghdr out{};
  std::memcpy(&out, message.bytes().data(), sizeof out);
  return out;
}

std::string data_of(std::uint32_t number) {
  return {reinterpret_cast<const char*>(&number), sizeof number};
}

TEST(BridgeMessages, ABridgeHasAHardwareAddressFromTheFirst) {
  const Message message = netlink::message_of(AddBridge{"br7", kGateway}, {});
  EXPECT_EQ(header_of(message).nlmsg_type, RTM_NEWLINK);
  EXPECT_EQ(header_of(message).nlmsg_flags, NLM_F_REQUEST | NLM_F_CREATE | NLM_F_EXCL);
  auto [fixed, link] = parts<ifinfomsg>(message);
  EXPECT_EQ(link[IFLA_IFNAME], std::string("br7\0", 4));
  EXPECT_EQ(link[IFLA_ADDRESS], std::string("\x02M\xac\x10\x01\x01"));
  EXPECT_EQ(attributes(link[IFLA_LINKINFO])[IFLA_INFO_KIND], "bridge");
}

TEST(BridgeMessages, ALinkBecomesAPort) {
  const JoinBridge request{"myd1", "br7"};
  EXPECT_EQ(netlink::link_of(request), "myd1");
  EXPECT_EQ(netlink::bridge_of(request), "br7");
  EXPECT_EQ(netlink::bridge_of(RaiseLink{"myd1"}), "");
  auto [fixed, link] = parts<ifinfomsg>(netlink::message_of(request, kNumbers));
  EXPECT_EQ(fixed.ifi_index, 7);
  EXPECT_EQ(link[IFLA_MASTER], data_of(9));
}

TEST(BridgeMessages, AHardwareAddressIsMadeOfTheContainersOwn) {
  auto [fixed, link] =
      parts<ifinfomsg>(netlink::message_of(SetHardwareAddress{"eth0", kOwnAddress}, kNumbers));
  EXPECT_EQ(fixed.ifi_index, 7);
  EXPECT_EQ(link[IFLA_ADDRESS], kOwnHardware);
}

TEST(BridgeMessages, AnEntryOfTheBridgesTableIsRefusedWhereThereIsOne) {
  const Message message = netlink::message_of(AddForwardingEntry{"myd1", kOwnAddress}, kNumbers);
  EXPECT_EQ(header_of(message).nlmsg_type, RTM_NEWNEIGH);
  EXPECT_EQ(header_of(message).nlmsg_flags, NLM_F_REQUEST | NLM_F_CREATE | NLM_F_EXCL);
  auto [fixed, entry] = parts<ndmsg>(message);
  EXPECT_EQ(fixed.ndm_family, AF_BRIDGE);
  EXPECT_EQ(fixed.ndm_ifindex, 7);
  EXPECT_EQ(fixed.ndm_state, NUD_NOARP);
  EXPECT_EQ(fixed.ndm_flags, NTF_MASTER);
  EXPECT_EQ(entry[NDA_LLADDR], kOwnHardware);
}

TEST(BridgeMessages, ALinkIsRemovedByItsNumber) {
  const Message message = netlink::message_of(RemoveLink{"myd1"}, kNumbers);
  EXPECT_EQ(header_of(message).nlmsg_type, RTM_DELLINK);
  EXPECT_EQ(parts<ifinfomsg>(message).first.ifi_index, 7);
}

TEST(BridgeMessages, AreToldAsOneTypesThem) {
  EXPECT_EQ(netlink::words_of(AddBridge{"br7", kGateway}),
            "link add br7 address 02:4d:ac:10:01:01 type bridge");
  EXPECT_EQ(netlink::words_of(JoinBridge{"myd1", "br7"}), "link set myd1 master br7");
  EXPECT_EQ(netlink::words_of(SetHardwareAddress{"eth0", kOwnAddress}),
            "link set eth0 address <hardware>");
  const AddForwardingEntry entry{"myd1", kGateway};
  EXPECT_EQ(netlink::words_of(entry), "fdb add 02:4d:ac:10:01:01 dev myd1 master static");
  EXPECT_EQ(netlink::program_of(entry), "bridge");
  EXPECT_EQ(netlink::words_of(RemoveLink{"myd1"}), "link delete myd1");
  EXPECT_EQ(netlink::program_of(RemoveLink{"myd1"}), "ip");
}

TEST(BridgeMessages, LinksAreRead) {
  ifinfomsg fixed{};
  fixed.ifi_index = 7;
  Message message(RTM_NEWLINK, 0, fixed);
  message.add_text(IFLA_IFNAME, "myd1");
  message.add(IFLA_ADDRESS, kOwnHardware);
  message.add_number(IFLA_MASTER, std::uint32_t{9});
  message.nest(IFLA_LINKINFO, [&] { message.add_text(IFLA_INFO_KIND, "veth"); });
  const auto found = netlink::link_in(message.bytes());
  ASSERT_TRUE(found);
  EXPECT_EQ(found->link, 7U);
  EXPECT_EQ(found->bridge, 9U);
  EXPECT_EQ(found->name, "myd1");
  EXPECT_EQ(found->kind, "veth");
  EXPECT_EQ(found->hardware, kOwnHardware);
  EXPECT_FALSE(netlink::link_in(message.bytes().substr(0, 20))) << "cut short";
  EXPECT_FALSE(netlink::link_in(Message(RTM_DELLINK, 0, fixed).bytes()));
}

}  // namespace
}  // namespace mydocker::test
