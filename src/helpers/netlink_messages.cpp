#include "helpers/netlink_messages.hpp"

#include <linux/if_link.h>
#include <linux/rtnetlink.h>
#include <linux/veth.h>
#include <net/if.h>

#include <algorithm>
#include <cerrno>
#include <system_error>

#include "helpers/addresses.hpp"
#include "helpers/bridge_messages.hpp"

namespace mydocker::netlink {
namespace {

constexpr std::uint16_t kMake = NLM_F_CREATE | NLM_F_EXCL;

std::size_t aligned(std::size_t size) { return NLMSG_ALIGN(size); }

std::uint8_t family_of(const IpAddress& address) {
  return static_cast<std::uint8_t>(address.family);
}

std::string_view data_of(const IpAddress& address) {
  return {reinterpret_cast<const char*>(address.bytes.data()), addresses::bits(address.family) / 8};
}

const IpAddress& known(const IpAddress& address, const Numbers& numbers) {
  if (!addresses::is_own(address)) return address;
  return address == kOwnAddress6 ? numbers.own6 : numbers.own;
}

Message message(const AddVethPair& a, const Numbers& numbers) {
  Message out(RTM_NEWLINK, kMake, ifinfomsg{});
  out.add_text(IFLA_IFNAME, a.name);
  out.add_number(IFLA_MTU, a.mtu);
  out.nest(IFLA_LINKINFO, [&] {
    out.add(IFLA_INFO_KIND, "veth");
    out.nest(IFLA_INFO_DATA, [&] {
      const ifinfomsg peer{};
      const auto fill = [&] {
        out.add_text(IFLA_IFNAME, a.peer);
        out.add_number(IFLA_MTU, a.mtu);
        out.add_number(IFLA_NET_NS_PID, numbers.network);
      };
      out.nest(VETH_INFO_PEER, fill, {reinterpret_cast<const char*>(&peer), sizeof peer});
    });
  });
  return out;
}

Message message(const WithoutIpv6&, const Numbers& numbers) {
  ifinfomsg link{};
  link.ifi_index = static_cast<int>(numbers.link);
  Message out(RTM_NEWLINK, 0, link);
  constexpr std::uint8_t kNone = 1;  // IN6_ADDR_GEN_MODE_NONE
  out.nest(IFLA_AF_SPEC,
           [&] { out.nest(AF_INET6, [&] { out.add_number(IFLA_INET6_ADDR_GEN_MODE, kNone); }); });
  return out;
}

Message message(const AddAddress& a, const Numbers& numbers) {
  const IpAddress& address = known(a.address.address, numbers);
  ifaddrmsg fixed{};
  fixed.ifa_family = family_of(address);
  fixed.ifa_prefixlen = static_cast<std::uint8_t>(a.address.prefix);
  fixed.ifa_index = numbers.link;
  // Nobody else has it: no second of waiting whether somebody answers.
  if (address.family == AF_INET6) fixed.ifa_flags = IFA_F_NODAD;
  Message out(RTM_NEWADDR, kMake, fixed);
  out.add_address(IFA_LOCAL, address);
  out.add_address(IFA_ADDRESS, address);
  return out;
}

Message message(const RaiseLink&, const Numbers& numbers) {
  ifinfomsg link{};
  link.ifi_index = static_cast<int>(numbers.link);
  link.ifi_flags = link.ifi_change = IFF_UP;
  return {RTM_NEWLINK, 0, link};
}

Message message(const AddRoute& a, const Numbers& numbers) {
  rtmsg fixed{};
  const IpAddress any = a.via ? known(*a.via, numbers) : numbers.own;
  const IpAddress to = a.to ? known(a.to->address, numbers) : any;
  fixed.rtm_family = family_of(to);
  fixed.rtm_dst_len = static_cast<std::uint8_t>(a.to ? a.to->prefix : 0);
  fixed.rtm_table = RT_TABLE_MAIN;
  fixed.rtm_protocol = RTPROT_STATIC;
  fixed.rtm_type = RTN_UNICAST;
  fixed.rtm_scope = a.via || to.family == AF_INET6 ? RT_SCOPE_UNIVERSE : RT_SCOPE_LINK;
  Message out(RTM_NEWROUTE, kMake, fixed);
  if (a.to) out.add_address(RTA_DST, to);
  if (a.via) out.add_address(RTA_GATEWAY, known(*a.via, numbers));
  out.add_number(RTA_OIF, numbers.link);
  return out;
}

std::string words(const AddVethPair& a) {
  return "link add " + a.name + " mtu " + std::to_string(a.mtu) + " type veth peer name " + a.peer +
         " mtu " + std::to_string(a.mtu) + " netns <child>";
}
std::string words(const WithoutIpv6& a) { return "link set " + a.link + " addrgenmode none"; }
std::string words(const AddAddress& a) {
  return "address add " + addresses::text(a.address) + " dev " + a.link;
}
std::string words(const RaiseLink& a) { return "link set " + a.link + " up"; }
std::string words(const AddRoute& a) {
  return "route add " + (a.to ? addresses::text(*a.to) : "default") +
         (a.via ? " via " + addresses::text(*a.via) : "") + " dev " + a.link;
}

std::string link_named(const AddVethPair&) { return {}; }
std::string link_named(const AddBridge&) { return {}; }
template <class Request>
std::string link_named(const Request& request) {
  return request.link;
}

}  // namespace

Message::Message(std::uint16_t type, std::uint16_t flags, std::string_view fixed) {
  nlmsghdr header{};
  header.nlmsg_type = type;
  header.nlmsg_flags = static_cast<std::uint16_t>(NLM_F_REQUEST | flags);
  bytes_.assign(reinterpret_cast<const char*>(&header), sizeof header);
  bytes_ += fixed;
  set_length();
}

void Message::add(std::uint16_t type, std::string_view data) {
  if (data.size() > UINT16_MAX - sizeof(nlattr))
    throw std::system_error(EMSGSIZE, std::generic_category(), "netlink");
  bytes_.resize(aligned(bytes_.size()));
  const nlattr head{static_cast<std::uint16_t>(sizeof(nlattr) + data.size()), type};
  bytes_.append(reinterpret_cast<const char*>(&head), sizeof head);
  bytes_ += data;
  set_length();
}

void Message::add_text(std::uint16_t type, const std::string& text) {
  add(type, {text.c_str(), text.size() + 1});
}

void Message::add_address(std::uint16_t type, const IpAddress& address) {
  add(type, data_of(address));
}

void Message::nest(std::uint16_t type, const std::function<void()>& fill, std::string_view fixed) {
  const std::size_t at = aligned(bytes_.size());
  add(static_cast<std::uint16_t>(type | NLA_F_NESTED), fixed);
  fill();
  bytes_.resize(aligned(bytes_.size()));
  if (bytes_.size() - at > UINT16_MAX)
    throw std::system_error(EMSGSIZE, std::generic_category(), "netlink");
  const auto length = static_cast<std::uint16_t>(bytes_.size() - at);
  std::memcpy(bytes_.data() + at, &length, sizeof length);
  set_length();
}

void Message::add_flags(std::uint16_t flags) {
  nlmsghdr header{};
  std::memcpy(&header, bytes_.data(), sizeof header);
  header.nlmsg_flags = static_cast<std::uint16_t>(header.nlmsg_flags | flags);
  std::memcpy(bytes_.data(), &header, sizeof header);
}

void Message::set_length() {
  const auto length = static_cast<std::uint32_t>(bytes_.size());
  std::memcpy(bytes_.data(), &length, sizeof length);
}

void for_each_attribute(
    std::string_view bytes,
    const std::function<void(std::uint16_t type, std::string_view data)>& take) {
  constexpr std::uint16_t kTypeMask = 0x3FFF;  // the two bits above say how it is written
  nlattr head{};
  while (bytes.size() >= sizeof head) {
    std::memcpy(&head, bytes.data(), sizeof head);
    if (head.nla_len < sizeof head || head.nla_len > bytes.size()) return;
    take(head.nla_type & kTypeMask, bytes.substr(sizeof head, head.nla_len - sizeof head));
    bytes.remove_prefix(std::min(aligned(head.nla_len), bytes.size()));
  }
}

Message message_of(const LinkRequest& request, const Numbers& numbers) {
  return std::visit([&](const auto& each) { return message(each, numbers); }, request);
}

std::string link_of(const LinkRequest& request) {
  return std::visit([](const auto& each) { return link_named(each); }, request);
}

std::string bridge_of(const LinkRequest& request) {
  const auto* const join = std::get_if<JoinBridge>(&request);
  return join == nullptr ? std::string() : join->bridge;
}

std::string_view program_of(const LinkRequest& request) {
  const auto is = [&](auto kind) { return std::holds_alternative<decltype(kind)>(request); };
  if (is(AddFilters{}) || is(FilterFrames{})) return "tc";
  if (is(LockPort{}) || is(AddForwardingEntry{}) || is(RemoveForwardingEntry{})) return "bridge";
  return "ip";
}

std::string words_of(const LinkRequest& request) {
  return std::visit([](const auto& each) { return words(each); }, request);
}

Message ask_for_addresses(int family) {
  ifaddrmsg fixed{};
  fixed.ifa_family = static_cast<std::uint8_t>(family);
  return {RTM_GETADDR, NLM_F_DUMP, fixed};
}

std::optional<IndexedAddress> address_in(std::string_view message) {
  const auto fixed = fixed_in<ifaddrmsg>(message, RTM_NEWADDR);
  if (!fixed || fixed->ifa_scope >= RT_SCOPE_LINK) return std::nullopt;
  IndexedAddress out{{{fixed->ifa_family, {}}, fixed->ifa_prefixlen}, fixed->ifa_index};
  auto& bytes = out.address.address.bytes;
  bool is_local = false;  // of a wire with two ends IFA_ADDRESS is the other one
  for_each_attribute(
      attributes_behind(message, sizeof *fixed), [&](std::uint16_t type, std::string_view data) {
        const bool is_better = type == IFA_LOCAL || (type == IFA_ADDRESS && !is_local);
        if (!is_better || data.size() > bytes.size()) return;
        std::memcpy(bytes.data(), data.data(), data.size());
        is_local = type == IFA_LOCAL;
      });
  return out;
}

Message ask_for_routes(int family) {
  rtmsg fixed{};
  fixed.rtm_family = static_cast<std::uint8_t>(family);
  return {RTM_GETROUTE, NLM_F_DUMP, fixed};
}

std::optional<IndexedRoute> route_in(std::string_view message) {
  const auto fixed = fixed_in<rtmsg>(message, RTM_NEWROUTE);
  if (!fixed || fixed->rtm_type == RTN_BROADCAST || fixed->rtm_type == RTN_MULTICAST ||
      fixed->rtm_type == RTN_ANYCAST)
    return std::nullopt;
  IndexedRoute out;
  out.to.address.family = fixed->rtm_family;
  out.to.prefix = fixed->rtm_dst_len;
  out.is_advertised = fixed->rtm_protocol == RTPROT_RA;
  out.is_local = fixed->rtm_type == RTN_LOCAL;
  for_each_attribute(attributes_behind(message, sizeof *fixed),
                     [&](std::uint16_t type, std::string_view data) {
                       if (type == RTA_DST && data.size() <= out.to.address.bytes.size())
                         std::memcpy(out.to.address.bytes.data(), data.data(), data.size());
                       if (type == RTA_OIF) out.link = number_in<std::uint32_t>(data);
                       if (type == RTA_PRIORITY) out.metric = number_in<std::uint32_t>(data);
                       // Several ways: the first one stands for all.
                       rtnexthop hop{};
                       if (type == RTA_MULTIPATH && data.size() >= sizeof hop) {
                         std::memcpy(&hop, data.data(), sizeof hop);
                         out.link = static_cast<std::uint32_t>(hop.rtnh_ifindex);
                       }
                     });
  return out;
}

}  // namespace mydocker::netlink
