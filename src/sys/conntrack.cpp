#include "sys/conntrack.hpp"

#include <linux/netfilter/nfnetlink.h>
#include <linux/netfilter/nfnetlink_conntrack.h>
#include <netinet/in.h>

#include <algorithm>
#include <string>

#include "helpers/addresses.hpp"
#include "helpers/text.hpp"
#include "sys/files.hpp"
#include "sys/netlink.hpp"

namespace mydocker::sys {
namespace {

constexpr const char* kCount = "/proc/sys/net/netfilter/nf_conntrack_count";

constexpr std::uint16_t type_of(unsigned message) {
  return static_cast<std::uint16_t>(NFNL_SUBSYS_CTNETLINK << 8 | message);
}

nfgenmsg fixed_for(int family) {
  nfgenmsg out{};
  out.nfgen_family = static_cast<std::uint8_t>(family);
  return out;
}

// One direction of a connection.
struct Tuple {
  IpAddress source, destination;
  std::uint8_t protocol = 0;
  std::uint16_t port = 0;  // of the destination
};

void take_address(int family, std::string_view data, IpAddress& out) {
  if (data.size() != addresses::bits(family) / 8) return;
  out.family = family;
  std::copy(data.begin(), data.end(), out.bytes.begin());
}

Tuple tuple_in(std::string_view data) {
  Tuple out;
  netlink::for_each_attribute(data, [&](std::uint16_t type, std::string_view part) {
    netlink::for_each_attribute(part, [&](std::uint16_t name, std::string_view value) {
      if (type == CTA_TUPLE_IP) {
        if (name == CTA_IP_V4_SRC) take_address(AF_INET, value, out.source);
        if (name == CTA_IP_V4_DST) take_address(AF_INET, value, out.destination);
        if (name == CTA_IP_V6_SRC) take_address(AF_INET6, value, out.source);
        if (name == CTA_IP_V6_DST) take_address(AF_INET6, value, out.destination);
      } else if (type == CTA_TUPLE_PROTO) {
        if (name == CTA_PROTO_NUM) out.protocol = netlink::number_in<std::uint8_t>(value);
        if (name == CTA_PROTO_DST_PORT) out.port = ntohs(netlink::number_in<std::uint16_t>(value));
      }
    });
  });
  return out;
}

// Whether it came for a port of this host that is published now.
bool came_for(const Tuple& original, const PublishedPort& port) {
  const int protocol = port.transport == Transport::udp ? IPPROTO_UDP : IPPROTO_TCP;
  return original.protocol == protocol && original.port == port.host &&
         (addresses::is_any(port.address) || original.destination == port.address);
}

}  // namespace

void forget_connections(const IpAddress& address, const std::vector<PublishedPort>& ports) {
  // Looking through an empty table takes milliseconds: the kernel has it in very many lists.
  if (text::trimmed(try_read_file(kCount).value_or("")) == "0") return;
  const NetlinkSocket socket(NETLINK_NETFILTER);
  const nfgenmsg fixed = fixed_for(address.family);
  std::vector<std::string> found;  // the original direction of each, as the kernel told it
  const netlink::Message question(type_of(IPCTNL_MSG_CT_GET), NLM_F_DUMP, fixed);
  socket.ask(question, [&](std::string_view message) {
    constexpr std::size_t kFixed = NLMSG_SPACE(sizeof fixed);
    if (message.size() < kFixed) return;
    std::string raw;
    Tuple original, reply;
    netlink::for_each_attribute(message.substr(kFixed), [&](std::uint16_t type, auto data) {
      if (type == CTA_TUPLE_ORIG) {
        raw = data;
        original = tuple_in(data);
      }
      if (type == CTA_TUPLE_REPLY) reply = tuple_in(data);
    });
    const bool is_concerned =
        original.source == address || original.destination == address || reply.source == address ||
        std::any_of(ports.begin(), ports.end(),
                    [&](const PublishedPort& port) { return came_for(original, port); });
    if (is_concerned) found.push_back(std::move(raw));
  });
  for (const auto& original : found) {
    netlink::Message forget(type_of(IPCTNL_MSG_CT_DELETE), 0, fixed);
    forget.add(NLA_F_NESTED | CTA_TUPLE_ORIG, original);
    // Another may have forgotten it meanwhile.
    if (const int error = socket.attempt(std::move(forget)); error != 0 && error != ENOENT)
      throw NetlinkError(error, {});
  }
}

}  // namespace mydocker::sys
