#include "helpers/bridge_messages.hpp"

#include <arpa/inet.h>
#include <linux/if_ether.h>
#include <linux/if_link.h>
#include <linux/neighbour.h>
#include <linux/pkt_cls.h>
#include <linux/pkt_sched.h>
#include <linux/rtnetlink.h>
#include <net/if.h>

#include "helpers/addresses.hpp"
#include "helpers/frame_filter.hpp"

namespace mydocker::netlink {
namespace {

constexpr std::uint16_t kMake = NLM_F_CREATE | NLM_F_EXCL;

// The first filter, for frames of all protocols.
const std::uint32_t kFirstForAll = 1U << 16 | std::uint32_t{htons(ETH_P_ALL)};

const IpAddress& known(const IpAddress& address, const Numbers& numbers) {
  return address == kOwnAddress ? numbers.own : address;
}

HardwareAddress known(const HardwareAddress& hardware, const Numbers& numbers) {
  return hardware.empty() ? addresses::hardware_address(numbers.own) : hardware;
}

std::string text_of(const HardwareAddress& hardware) {
  return hardware.empty() ? addresses::hardware_text(kOwnAddress)
                          : addresses::hardware_text(std::string_view(hardware));
}

ifinfomsg link_of(const Numbers& numbers) {
  ifinfomsg out{};
  out.ifi_index = static_cast<int>(numbers.link);
  return out;
}

// An entry of the bridge's table, of the port that the request names.
Message entry(std::uint16_t type, std::uint16_t flags, const IpAddress& address,
              const Numbers& numbers) {
  ndmsg fixed{};
  fixed.ndm_family = AF_BRIDGE;
  fixed.ndm_ifindex = static_cast<int>(numbers.link);
  fixed.ndm_state = NUD_NOARP;  // "static": it does not grow old
  // In the bridge's table, not the link's own; and whoever sends as if he had that address at another
  // port does not move it there.
  fixed.ndm_flags = NTF_MASTER | NTF_STICKY;
  Message out(type, flags, fixed);
  out.add(NDA_LLADDR, addresses::hardware_address(known(address, numbers)));
  return out;
}

Message neighbour(std::uint16_t type, std::uint16_t flags, const IpAddress& address,
                  const Numbers& numbers) {
  const IpAddress& of = known(address, numbers);
  ndmsg fixed{};
  fixed.ndm_family = static_cast<std::uint8_t>(of.family);
  fixed.ndm_ifindex = static_cast<int>(numbers.link);
  fixed.ndm_state = NUD_PERMANENT;
  Message out(type, flags, fixed);
  out.add_address(NDA_DST, of);
  return out;
}

tcmsg place_of_filters(const Numbers& numbers) {
  tcmsg out{};
  out.tcm_ifindex = static_cast<int>(numbers.link);
  out.tcm_parent = TC_H_CLSACT;
  return out;
}

}  // namespace

Message message(const AddBridge& a, const Numbers& numbers) {
  Message out(RTM_NEWLINK, kMake, ifinfomsg{});
  out.add_text(IFLA_IFNAME, a.name);
  out.add(IFLA_ADDRESS, known(a.hardware, numbers));
  out.nest(IFLA_LINKINFO, [&] { out.add(IFLA_INFO_KIND, "bridge"); });
  return out;
}

Message message(const JoinBridge&, const Numbers& numbers) {
  Message out(RTM_NEWLINK, 0, link_of(numbers));
  out.add_number(IFLA_MASTER, numbers.bridge);
  return out;
}

Message message(const LockPort& a, const Numbers& numbers) {
  struct Setting {
    std::uint16_t attribute;
    std::uint8_t value;
  };
  const Setting settings[] = {
      {IFLA_BRPORT_LEARNING, 0},
      {IFLA_BRPORT_UNICAST_FLOOD, 0},
      {IFLA_BRPORT_MCAST_FLOOD, 0},
      {IFLA_BRPORT_BCAST_FLOOD, 0},
      {IFLA_BRPORT_GUARD, 1},
      {IFLA_BRPORT_ISOLATED, std::uint8_t{a.is_apart}},
      // Who asks from such a port, or for the address at one, gets his answer from the bridge.
      {IFLA_BRPORT_PROXYARP, std::uint8_t{!a.is_apart}},
      {IFLA_BRPORT_PROXYARP_WIFI, std::uint8_t{!a.is_apart}},
      // An older kernel passes over what it does not know, as the next one.
      {IFLA_BRPORT_LOCKED, 1},
  };
  Message out(RTM_NEWLINK, 0, link_of(numbers));
  out.nest(IFLA_LINKINFO, [&] {
    out.add(IFLA_INFO_SLAVE_KIND, "bridge");
    out.nest(IFLA_INFO_SLAVE_DATA, [&] {
      for (const auto& [attribute, value] : settings) out.add_number(attribute, value);
    });
  });
  return out;
}

Message message(const SetHardwareAddress& a, const Numbers& numbers) {
  Message out(RTM_NEWLINK, 0, link_of(numbers));
  out.add(IFLA_ADDRESS, known(a.hardware, numbers));
  return out;
}

Message message(const AddForwardingEntry& a, const Numbers& numbers) {
  return entry(RTM_NEWNEIGH, kMake, a.address, numbers);
}

Message message(const RemoveForwardingEntry& a, const Numbers& numbers) {
  return entry(RTM_DELNEIGH, 0, a.address, numbers);
}

Message message(const AddNeighbour& a, const Numbers& numbers) {
  const std::uint16_t flags = a.replaces ? NLM_F_CREATE | NLM_F_REPLACE : kMake;
  Message out = neighbour(RTM_NEWNEIGH, flags, a.address, numbers);
  out.add(NDA_LLADDR, known(a.hardware, numbers));
  return out;
}

Message message(const RemoveNeighbour& a, const Numbers& numbers) {
  return neighbour(RTM_DELNEIGH, 0, a.address, numbers);
}

Message message(const RemoveLink&, const Numbers& numbers) {
  return {RTM_DELLINK, 0, link_of(numbers)};
}

Message message(const AddFilters&, const Numbers& numbers) {
  tcmsg fixed = place_of_filters(numbers);
  fixed.tcm_handle = TC_H_MAKE(TC_H_CLSACT, 0);
  Message out(RTM_NEWQDISC, kMake, fixed);
  out.add_text(TCA_KIND, "clsact");
  return out;
}

Message message(const FilterFrames& a, const Numbers& numbers) {
  const bool is_from = a.way == FilterFrames::Way::from_container;
  tcmsg fixed = place_of_filters(numbers);
  fixed.tcm_parent = TC_H_MAKE(TC_H_CLSACT, is_from ? TC_H_MIN_INGRESS : TC_H_MIN_EGRESS);
  fixed.tcm_info = kFirstForAll;
  const auto program = is_from ? frames::from_container(numbers.own, a.bridge, a.is_open)
                               : frames::to_container(a.bridge, a.is_open);
  Message out(RTM_NEWTFILTER, kMake, fixed);
  out.add_text(TCA_KIND, "bpf");
  out.nest(TCA_OPTIONS, [&] {
    out.add_number(TCA_BPF_OPS_LEN, static_cast<std::uint16_t>(program.size()));
    out.add(TCA_BPF_OPS,
            {reinterpret_cast<const char*>(program.data()), program.size() * sizeof(sock_filter)});
    // What the program returns is what happens to the frame.
    out.add_number(TCA_BPF_FLAGS, std::uint32_t{TCA_BPF_FLAG_ACT_DIRECT});
  });
  return out;
}

std::string words(const AddBridge& a) {
  return "link add " + a.name + " address " + text_of(a.hardware) + " type bridge";
}
std::string words(const JoinBridge& a) { return "link set " + a.link + " master " + a.bridge; }
std::string words(const LockPort& a) {
  return "link set dev " + a.link +
         " locked on learning off flood off mcast_flood off bcast_flood off guard on isolated " +
         (a.is_apart ? "on" : "off proxy_arp on proxy_arp_wifi on");
}
std::string words(const SetHardwareAddress& a) {
  return "link set " + a.link + " address " + text_of(a.hardware);
}
std::string words(const AddForwardingEntry& a) {
  return "fdb add " + addresses::hardware_text(a.address) + " dev " + a.link +
         " master static sticky";
}
std::string words(const RemoveForwardingEntry& a) {
  return "fdb delete " + addresses::hardware_text(a.address) + " dev " + a.link + " master static";
}
std::string words(const AddNeighbour& a) {
  return std::string("neighbour ") + (a.replaces ? "replace " : "add ") +
         addresses::text(a.address) + " lladdr " + text_of(a.hardware) + " nud permanent dev " +
         a.link;
}
std::string words(const RemoveNeighbour& a) {
  return "neighbour delete " + addresses::text(a.address) + " dev " + a.link;
}
std::string words(const RemoveLink& a) { return "link delete " + a.link; }
std::string words(const AddFilters& a) { return "qdisc add dev " + a.link + " clsact"; }
std::string words(const FilterFrames& a) {
  const bool is_from = a.way == FilterFrames::Way::from_container;
  std::string passes = "IPv4";
  if (is_from) passes += " of <address>";
  if (a.is_open) passes += is_from ? " and its ARP" : " and ARP";
  if (!a.is_open) passes += (is_from ? " to " : " from ") + text_of(a.bridge);
  return "filter add dev " + a.link + (is_from ? " ingress" : " egress") +
         " bpf direct-action: pass " + passes;
}

Message ask_for_links() { return {RTM_GETLINK, NLM_F_DUMP, ifinfomsg{}}; }

std::optional<IndexedLink> link_in(std::string_view message) {
  const auto fixed = fixed_in<ifinfomsg>(message, RTM_NEWLINK);
  if (!fixed) return std::nullopt;
  IndexedLink out;
  out.link = static_cast<std::uint32_t>(fixed->ifi_index);
  out.is_up = (fixed->ifi_flags & IFF_UP) != 0;
  const auto text_in = [](std::string_view data) {
    return std::string(data.substr(0, data.find('\0')));
  };
  for_each_attribute(attributes_behind(message, sizeof *fixed),
                     [&](std::uint16_t type, std::string_view data) {
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
