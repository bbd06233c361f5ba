#include "helpers/bridge_messages.hpp"

#include <linux/if_link.h>
#include <linux/neighbour.h>
#include <linux/rtnetlink.h>

#include "helpers/addresses.hpp"

namespace mydocker::netlink {
namespace {

constexpr std::uint16_t kMake = NLM_F_CREATE | NLM_F_EXCL;

std::string hardware_of(const IpAddress& address, const Numbers& numbers) {
  return addresses::hardware_address(address == kOwnAddress ? numbers.own : address);
}

ifinfomsg link_of(const Numbers& numbers) {
  ifinfomsg out{};
  out.ifi_index = static_cast<int>(numbers.link);
  return out;
}

}  // namespace

Message message(const AddBridge& a, const Numbers& numbers) {
  Message out(RTM_NEWLINK, kMake, ifinfomsg{});
  out.add_text(IFLA_IFNAME, a.name);
  out.add(IFLA_ADDRESS, hardware_of(a.address, numbers));
  out.nest(IFLA_LINKINFO, [&] { out.add(IFLA_INFO_KIND, "bridge"); });
  return out;
}

Message message(const JoinBridge&, const Numbers& numbers) {
  Message out(RTM_NEWLINK, 0, link_of(numbers));
  out.add_number(IFLA_MASTER, numbers.bridge);
  return out;
}

Message message(const SetHardwareAddress& a, const Numbers& numbers) {
  Message out(RTM_NEWLINK, 0, link_of(numbers));
  out.add(IFLA_ADDRESS, hardware_of(a.address, numbers));
  return out;
}

Message message(const AddForwardingEntry& a, const Numbers& numbers) {
  ndmsg fixed{};
  fixed.ndm_family = AF_BRIDGE;
  fixed.ndm_ifindex = static_cast<int>(numbers.link);
  fixed.ndm_state = NUD_NOARP;   // "static": it does not grow old
  fixed.ndm_flags = NTF_MASTER;  // in the bridge's table, not the link's own
  Message out(RTM_NEWNEIGH, kMake, fixed);
  out.add(NDA_LLADDR, hardware_of(a.address, numbers));
  return out;
}

Message message(const RemoveLink&, const Numbers& numbers) {
  return {RTM_DELLINK, 0, link_of(numbers)};
}

std::string words(const AddBridge& a) {
  return "link add " + a.name + " address " + addresses::hardware_text(a.address) + " type bridge";
}
std::string words(const JoinBridge& a) { return "link set " + a.link + " master " + a.bridge; }
std::string words(const SetHardwareAddress& a) {
  return "link set " + a.link + " address " + addresses::hardware_text(a.address);
}
std::string words(const AddForwardingEntry& a) {
  return "fdb add " + addresses::hardware_text(a.address) + " dev " + a.link + " master static";
}
std::string words(const RemoveLink& a) { return "link delete " + a.link; }

Message ask_for_links() { return {RTM_GETLINK, NLM_F_DUMP, ifinfomsg{}}; }

std::optional<IndexedLink> link_in(std::string_view message) {
  constexpr std::size_t kFixed = NLMSG_SPACE(sizeof(ifinfomsg));
  nlmsghdr header{};
  ifinfomsg fixed{};
  if (message.size() < kFixed) return std::nullopt;
  std::memcpy(&header, message.data(), sizeof header);
  std::memcpy(&fixed, message.data() + NLMSG_HDRLEN, sizeof fixed);
  if (header.nlmsg_type != RTM_NEWLINK) return std::nullopt;
  IndexedLink out;
  out.link = static_cast<std::uint32_t>(fixed.ifi_index);
  const auto text_in = [](std::string_view data) {
    return std::string(data.substr(0, data.find('\0')));
  };
  for_each_attribute(message.substr(kFixed), [&](std::uint16_t type, std::string_view data) {
    if (type == IFLA_IFNAME) out.name = text_in(data);
    if (type == IFLA_ADDRESS) out.hardware = data;
    if (type == IFLA_MASTER) out.bridge = number_in<std::uint32_t>(data);
    if (type != IFLA_LINKINFO) return;
    for_each_attribute(data, [&](std::uint16_t inner, std::string_view kind) {
      if (inner == IFLA_INFO_KIND) out.kind = text_in(kind);
    });
  });
  return out;
}

}  // namespace mydocker::netlink
