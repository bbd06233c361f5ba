#include "runtime/bridge_uses.hpp"

#include <algorithm>
#include <cerrno>

#include "helpers/addresses.hpp"
#include "sys/check.hpp"
#include "sys/links.hpp"

namespace mydocker {
namespace {

constexpr std::string_view kBridge = "bridge/", kPort = "port/";

// What has gone already, or goes with what has, need not be removed.
void remove(const sys::NetlinkSocket& socket, const LinkRequest& request) {
  const int error = socket.attempt(sys::message_for(socket, request));
  if (error != 0 && error != ENOENT && error != ENODEV) sys::fail(error, "netlink");
}

void forget_address(const std::string& bridge, const std::string& address) {
  const auto known = addresses::parse(address);
  const sys::NetlinkSocket socket;
  if (known && socket.index_of(bridge) != 0) remove(socket, RemoveNeighbour{bridge, *known});
}

void remove_bridge(const std::string& bridge) {
  const sys::NetlinkSocket socket;
  const sys::Links links = sys::read_links(socket);
  const auto* const link = sys::find(links, bridge);
  const auto is_strangers = [&](const netlink::IndexedLink& port) {
    return port.bridge == link->link && !port.name.starts_with("myd");
  };
  // Whoever has added a port of his own has taken the bridge over.
  if (link != nullptr && std::none_of(links.begin(), links.end(), is_strangers))
    remove(socket, RemoveLink{bridge});
}

void take_back(SharedUses& uses, const std::string& what, const std::string& bridge,
               const std::string& id) {
  const auto all = uses.all();
  for (const auto& use : all) {
    if (use.what == what && use.id == id && what == port_use(bridge))
      forget_address(bridge, use.words);
  }
  if (what == bridge_use(bridge) && uses.is_last(what, id)) remove_bridge(bridge);
  uses.remove(what, id);
}

}  // namespace

std::string bridge_use(const std::string& bridge) { return std::string(kBridge) + bridge; }
std::string port_use(const std::string& bridge) { return std::string(kPort) + bridge; }

void take_back_bridge(SharedUses& uses, const std::string& bridge, const std::string& id) {
  take_back(uses, port_use(bridge), bridge, id);
  take_back(uses, bridge_use(bridge), bridge, id);
}

void take_back_bridge_use(SharedUses& uses, const SharedUses::Use& use) {
  for (const auto kind : {kBridge, kPort}) {
    if (use.what.starts_with(kind)) take_back(uses, use.what, use.what.substr(kind.size()), use.id);
  }
}

}  // namespace mydocker
