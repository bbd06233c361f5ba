// LinuxExecutor: a bridge of the host, and the container's port of it.
#include <algorithm>
#include <cerrno>

#include "helpers/addresses.hpp"
#include "runtime/bridge_uses.hpp"
#include "runtime/linux_executor.hpp"
#include "runtime/shared_uses.hpp"
#include "sys/check.hpp"
#include "sys/links.hpp"

namespace mydocker {
namespace {

using sys::Links;

bool has_ports(const Links& links, const netlink::IndexedLink& bridge) {
  return std::any_of(links.begin(), links.end(),
                     [&](const auto& link) { return link.bridge == bridge.link; });
}

void send(const sys::NetlinkSocket& socket, const LinkRequest& request) {
  socket.perform(sys::message_for(socket, request));
}

// Also what one that was killed meanwhile has begun.
void set_up(const sys::NetlinkSocket& socket, const MakeBridge& action) {
  // A kernel without IPv6 makes no such address either.
  (void)socket.attempt(sys::message_for(socket, WithoutIpv6{action.name}));
  const int error =
      socket.attempt(sys::message_for(socket, AddAddress{action.name, action.address}));
  if (error != 0 && error != EEXIST) sys::fail(error, "netlink");
  send(socket, RaiseLink{action.name});
}

// A bridge of somebody else's. Without ports it would take the hardware address of the first, and none
// once that has gone; unless it has been given one, be it its own.
void use_anothers(const sys::NetlinkSocket& socket, const Links& links,
                  const netlink::IndexedLink& bridge) {
  if (!bridge.is_up) sys::fail(ENETDOWN, "bridge");
  if (!has_ports(links, bridge)) send(socket, SetHardwareAddress{bridge.name, bridge.hardware});
}

}  // namespace

void LinuxExecutor::act(const MakeBridge& action) {
  SharedUses uses(action.use.folder);
  const sys::NetlinkSocket socket;
  const Links links = sys::read_links(socket);
  const auto* const bridge = sys::find(links, action.name);
  const std::string what = bridge_use(action.name);
  if (bridge == nullptr) {
    // One that the plan saw, and that has gone since, is not ours to make.
    if (action.hardware != addresses::hardware_address(action.address.address))
      sys::fail(ENODEV, "bridge");
    uses.add({what, action.use.id, "made"});
    send(socket, AddBridge{action.name, action.hardware});
    set_up(socket, action);
    return;
  }
  if (bridge->kind != "bridge" || bridge->hardware != action.hardware) sys::fail(EEXIST, "bridge");
  if (uses.words_of(what).empty()) {
    use_anothers(socket, links, *bridge);
    return;
  }
  uses.add({what, action.use.id, "made"});
  set_up(socket, action);
}

void LinuxExecutor::act(const LeaveBridge& action) {
  SharedUses uses(action.use.folder);
  take_back_bridge(uses, action.name, action.use.id);
}

void LinuxExecutor::act(const TakePort& action) {
  SharedUses uses(action.use.folder);
  const sys::NetlinkSocket socket;
  const netlink::Numbers port{.link = sys::require_index(socket, action.link)};
  const netlink::Numbers bridge{.link = sys::require_index(socket, action.bridge)};
  const auto attempt = [&](const LinkRequest& request, const netlink::Numbers& numbers) {
    const int error = socket.attempt(netlink::message_of(request, numbers));
    if (error != 0 && error != EEXIST) sys::fail(error, "netlink");
    return error == 0;
  };
  const std::string what = port_use(action.bridge);
  for (std::uint32_t i = 1; i <= addresses::last_host(action.range); ++i) {
    const IpAddress address = addresses::nth(action.range, i);
    if (address == action.gateway || !attempt(AddForwardingEntry{action.link, address}, port))
      continue;
    uses.add({what, action.use.id, addresses::text(address)});
    // Where strangers are, whom the host has spoken to has his address. On our own bridge it is one
    // whose port has gone.
    const AddNeighbour neighbour{action.bridge, address, addresses::hardware_address(address),
                                 !action.has_strangers};
    if (attempt(neighbour, bridge)) {
      context_.addresses.v4 = context_.page->addresses.v4 = address;
      return;
    }
    uses.remove(what, action.use.id);
    (void)attempt(RemoveForwardingEntry{action.link, address}, port);
  }
  sys::fail(EADDRNOTAVAIL, "netlink");
}

}  // namespace mydocker
