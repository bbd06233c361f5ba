#include "sys/links.hpp"

#include <algorithm>
#include <cerrno>

#include "sys/check.hpp"

namespace mydocker::sys {
namespace {

std::uint32_t index_of(const NetlinkSocket& socket, const std::string& link) {
  return link.empty() ? 0 : require_index(socket, link);
}

}  // namespace

std::uint32_t require_index(const NetlinkSocket& socket, const std::string& link) {
  const std::uint32_t index = socket.index_of(link);
  if (index == 0) fail(ENODEV, "ioctl(SIOCGIFINDEX)");
  return index;
}

Links read_links(const NetlinkSocket& socket) {
  Links out;
  socket.ask(netlink::ask_for_links(), [&](std::string_view message) {
    if (auto link = netlink::link_in(message)) out.push_back(std::move(*link));
  });
  return out;
}

const netlink::IndexedLink* find(const Links& links, const std::string& name) {
  const auto found =
      std::find_if(links.begin(), links.end(), [&](const auto& link) { return link.name == name; });
  return found == links.end() ? nullptr : &*found;
}

netlink::Message message_for(const NetlinkSocket& socket, const LinkRequest& request,
                             netlink::Numbers numbers) {
  numbers.link = index_of(socket, netlink::link_of(request));
  numbers.bridge = index_of(socket, netlink::bridge_of(request));
  return netlink::message_of(request, numbers);
}

}  // namespace mydocker::sys
