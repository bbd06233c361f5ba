// A link of the host moves into another network, with its addresses.
#include <linux/rtnetlink.h>
#include <net/if.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <array>
#include <cstring>
#include <string_view>
#include <vector>

#include "sys/check.hpp"
#include "sys/netlink.hpp"
#include "sys/processes.hpp"

namespace mydocker::sys {
namespace {

// An address that somebody has given, and the attributes that say it.
struct Address {
  ifaddrmsg fixed{};
  std::vector<std::pair<std::uint16_t, std::string>> attributes;
};

std::uint32_t existing(const NetlinkSocket& socket, const std::string& link) {
  const std::uint32_t index = socket.index_of(link);
  if (index == 0) fail(ENODEV, "if_nametoindex");
  return index;
}

Address address_in(std::string_view message) {
  Address out;
  constexpr std::size_t kFixed = NLMSG_SPACE(sizeof out.fixed);
  if (message.size() < kFixed) fail(EPROTO, "rtnetlink");
  std::memcpy(&out.fixed, message.data() + NLMSG_HDRLEN, sizeof out.fixed);
  netlink::for_each_attribute(message.substr(kFixed), [&](std::uint16_t type, auto data) {
    // The label holds the old name, and the times begin anew.
    if (type == IFA_LOCAL || type == IFA_ADDRESS || type == IFA_BROADCAST)
      out.attributes.emplace_back(type, data);
  });
  return out;
}

// The kernel forgets a device's addresses when it moves: those for everywhere and for ever are kept.
std::vector<Address> addresses_of(const NetlinkSocket& socket, std::uint32_t index) {
  std::vector<Address> out;
  socket.ask({RTM_GETADDR, NLM_F_DUMP, ifaddrmsg{}}, [&](std::string_view message) {
    Address address = address_in(message);
    const bool is_kept = address.fixed.ifa_scope == RT_SCOPE_UNIVERSE &&
                         (address.fixed.ifa_flags & IFA_F_PERMANENT) != 0;
    if (address.fixed.ifa_index == index && is_kept) out.push_back(std::move(address));
  });
  return out;
}

void give_addresses(const NetlinkSocket& socket, std::uint32_t index,
                    const std::vector<Address>& addresses) {
  for (const auto& [fixed, attributes] : addresses) {
    ifaddrmsg inside = fixed;
    inside.ifa_index = index;
    netlink::Message add(RTM_NEWADDR, 0, inside);
    for (const auto& [type, data] : attributes) add.add(type, data);
    socket.perform(std::move(add));
  }
}

// Does `work` in the network namespace behind `network`, in a process of its own: this one stays
// where it is.
template <class Work>
void in_network(int network, const Work& work) {
  Cloned child = clone_into(0, -1);
  if (child.pid == 0) {
    try {
      check(::syscall(SYS_setns, network, 0), "setns");
      work();
      ::_exit(0);
    } catch (const std::system_error& error) {
      ::_exit(error.code().value());
    }
  }
  const Ended ended = wait_for(child.pidfd.get());
  if (ended.by_signal) fail(EINTR, "rtnetlink");
  if (ended.value != 0) fail(ended.value, "rtnetlink");
}

}  // namespace

void move_link(const std::string& name, int network, const std::string& name_inside) {
  const NetlinkSocket socket;
  ifinfomsg link{};
  const std::uint32_t before = existing(socket, name);
  link.ifi_index = static_cast<int>(before);
  const auto addresses = addresses_of(socket, before);
  netlink::Message move(RTM_NEWLINK, 0, link);
  move.add_number(IFLA_NET_NS_FD, network);
  move.add_text(IFLA_IFNAME, name_inside);
  socket.perform(std::move(move));
  in_network(network, [&] {
    const NetlinkSocket inside;
    const std::uint32_t index = existing(inside, name_inside);
    give_addresses(inside, index, addresses);
    inside.perform(netlink::message_of(RaiseLink{name_inside}, {.link = index}));
  });
}

}  // namespace mydocker::sys
