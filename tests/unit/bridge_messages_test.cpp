// Requests to a bridge, byte by byte.
#include <gtest/gtest.h>
#include <linux/filter.h>
#include <linux/if_link.h>
#include <linux/neighbour.h>
#include <linux/pkt_cls.h>
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
const HardwareAddress kOwnHardware("\x02M\xac\x10\x01\x05"), kBridge("\x02M\xac\x10\x01\x01");

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
  const Message message = netlink::message_of(AddBridge{"br7", kBridge}, {});
  EXPECT_EQ(header_of(message).nlmsg_type, RTM_NEWLINK);
  EXPECT_EQ(header_of(message).nlmsg_flags, NLM_F_REQUEST | NLM_F_CREATE | NLM_F_EXCL);
  auto [fixed, link] = parts<ifinfomsg>(message);
  EXPECT_EQ(link[IFLA_IFNAME], std::string("br7\0", 4));
  EXPECT_EQ(link[IFLA_ADDRESS], kBridge);
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

TEST(BridgeMessages, APortIsLocked) {
  const auto settings = [](bool is_apart) {
    auto [fixed, link] =
        parts<ifinfomsg>(netlink::message_of(LockPort{"myd1", is_apart}, kNumbers));
    auto info = attributes(link[IFLA_LINKINFO]);
    EXPECT_EQ(info[IFLA_INFO_SLAVE_KIND], "bridge");
    return attributes(info[IFLA_INFO_SLAVE_DATA]);
  };
  const std::string off(1, '\0'), on(1, '\1');
  for (const bool is_apart : {true, false}) {
    auto port = settings(is_apart);
    EXPECT_EQ(port[IFLA_BRPORT_LOCKED], on);
    for (const auto flag : {IFLA_BRPORT_LEARNING, IFLA_BRPORT_UNICAST_FLOOD,
                            IFLA_BRPORT_MCAST_FLOOD, IFLA_BRPORT_BCAST_FLOOD})
      EXPECT_EQ(port[flag], off) << flag;
    EXPECT_EQ(port[IFLA_BRPORT_ISOLATED], is_apart ? on : off);
    EXPECT_EQ(port[IFLA_BRPORT_PROXYARP], is_apart ? off : on);
  }
}

TEST(BridgeMessages, ANeighbourIsForEver) {
  const Message add = netlink::message_of(AddNeighbour{"br7", kOwnAddress, {}, false}, kNumbers);
  EXPECT_EQ(header_of(add).nlmsg_type, RTM_NEWNEIGH);
  EXPECT_EQ(header_of(add).nlmsg_flags, NLM_F_REQUEST | NLM_F_CREATE | NLM_F_EXCL);
  auto [fixed, entry] = parts<ndmsg>(add);
  EXPECT_EQ(fixed.ndm_family, AF_INET);
  EXPECT_EQ(fixed.ndm_state, NUD_PERMANENT);
  EXPECT_EQ(entry[NDA_DST], std::string("\xac\x10\x01\x05"));
  EXPECT_EQ(entry[NDA_LLADDR], kOwnHardware);
  const AddNeighbour again{"br7", kOwnAddress, {}, true};
  EXPECT_EQ(header_of(netlink::message_of(again, kNumbers)).nlmsg_flags,
            NLM_F_REQUEST | NLM_F_CREATE | NLM_F_REPLACE);
  const Message remove = netlink::message_of(RemoveNeighbour{"br7", kGateway}, kNumbers);
  EXPECT_EQ(header_of(remove).nlmsg_type, RTM_DELNEIGH);
  EXPECT_EQ(parts<ndmsg>(remove).second[NDA_DST], std::string("\xac\x10\x01\x01"));
}

TEST(BridgeMessages, AFilterIsAProgramWhoseResultIsTheVerdict) {
  const Message place = netlink::message_of(AddFilters{"myd1"}, kNumbers);
  EXPECT_EQ(header_of(place).nlmsg_type, RTM_NEWQDISC);
  EXPECT_EQ(parts<tcmsg>(place).second[TCA_KIND], std::string("clsact\0", 7));
  using Way = FilterFrames::Way;
  for (const auto way : {Way::from_container, Way::to_container}) {
    const bool is_from = way == Way::from_container;
    auto [fixed, filter] =
        parts<tcmsg>(netlink::message_of(FilterFrames{"myd1", way, kBridge, false}, kNumbers));
    EXPECT_EQ(fixed.tcm_ifindex, 7);
    EXPECT_EQ(fixed.tcm_parent, 0xFFFF0000U | (is_from ? 0xFFF2U : 0xFFF3U));
    EXPECT_EQ(filter[TCA_KIND], std::string("bpf\0", 4));
    auto options = attributes(filter[TCA_OPTIONS]);
    EXPECT_EQ(options[TCA_BPF_FLAGS], data_of(TCA_BPF_FLAG_ACT_DIRECT));
    const auto count = netlink::number_in<std::uint16_t>(options[TCA_BPF_OPS_LEN]);
    EXPECT_EQ(options[TCA_BPF_OPS].size(), count * sizeof(sock_filter));
    EXPECT_GT(count, 5);
  }
}

TEST(BridgeMessages, AHardwareAddressIsMadeOfTheContainersOwn) {
  auto [fixed, link] =
      parts<ifinfomsg>(netlink::message_of(SetHardwareAddress{"eth0", {}}, kNumbers));
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
  EXPECT_EQ(fixed.ndm_flags, NTF_MASTER | NTF_STICKY);
  EXPECT_EQ(entry[NDA_LLADDR], kOwnHardware);
}

TEST(BridgeMessages, ALinkIsRemovedByItsNumber) {
  const Message message = netlink::message_of(RemoveLink{"myd1"}, kNumbers);
  EXPECT_EQ(header_of(message).nlmsg_type, RTM_DELLINK);
  EXPECT_EQ(parts<ifinfomsg>(message).first.ifi_index, 7);
}

TEST(BridgeMessages, AreToldAsOneTypesThem) {
  EXPECT_EQ(netlink::words_of(AddBridge{"br7", kBridge}),
            "link add br7 address 02:4d:ac:10:01:01 type bridge");
  EXPECT_EQ(netlink::words_of(JoinBridge{"myd1", "br7"}), "link set myd1 master br7");
  EXPECT_EQ(netlink::words_of(SetHardwareAddress{"eth0", {}}), "link set eth0 address <hardware>");
  const AddForwardingEntry entry{"myd1", kGateway};
  EXPECT_EQ(netlink::words_of(entry), "fdb add 02:4d:ac:10:01:01 dev myd1 master static sticky");
  EXPECT_EQ(netlink::program_of(entry), "bridge");
  EXPECT_EQ(netlink::words_of(RemoveLink{"myd1"}), "link delete myd1");
  EXPECT_EQ(netlink::program_of(RemoveLink{"myd1"}), "ip");
  EXPECT_EQ(netlink::words_of(AddNeighbour{"br7", kOwnAddress, {}, false}),
            "neighbour add <address> lladdr <hardware> nud permanent dev br7");
  const FilterFrames filter{"myd1", FilterFrames::Way::from_container, kBridge, false};
  EXPECT_EQ(netlink::words_of(filter),
            "filter add dev myd1 ingress bpf direct-action: pass IPv4 of <address> to "
            "02:4d:ac:10:01:01");
  EXPECT_EQ(netlink::program_of(filter), "tc");
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
