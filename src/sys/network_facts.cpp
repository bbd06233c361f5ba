#include "sys/network_facts.hpp"

#include <algorithm>
#include <climits>
#include <utility>

#include "helpers/text.hpp"
#include "sys/files.hpp"
#include "sys/firewall.hpp"
#include "sys/forward_chains.hpp"
#include "sys/links.hpp"

namespace mydocker::sys {
namespace {

void read_routes(const NetlinkSocket& socket, int family, std::vector<Route>& out) {
  socket.ask(netlink::ask_for_routes(family), [&](std::string_view message) {
    const auto route = netlink::route_in(message);
    if (!route) return;
    std::string link = socket.name_of(route->link);
    // A link that has vanished meanwhile takes its route with it; several next hops have none.
    const bool is_gone = route->link != 0 && link.empty();
    if (!is_gone)
      out.push_back(
          {route->to, std::move(link), route->metric, route->is_advertised, route->is_local});
  });
}

void read_ipv6(const NetlinkSocket& socket, NetworkFacts& out) {
  const std::string all = "/proc/sys/net/ipv6/conf/all/";
  read_routes(socket, AF_INET6, out.routes);
  out.has_force_forwarding = try_read_file(all + "force_forwarding").has_value();
  out.forwards_ipv6 = text::trimmed(try_read_file(all + "forwarding").value_or("")) == "1";
}

// Where MyDocker forwards nothing the packet filter matters to --egress alone.
void read_firewall(const NetworkRequest& request, NetworkFacts& out) {
  const bool forwards = request.kind != NetworkKind::pasta && request.kind != NetworkKind::cni;
  if (!forwards && !request.egress) return;
  out.firewall = request.firewall ? *request.firewall : used_firewall();
  if (forwards) out.shut_chains = shut_forward_chains(out.firewall, request.ipv6);
}

std::optional<BridgeFacts> read_bridge(const NetlinkSocket& socket, const std::string& name) {
  const Links links = read_links(socket);
  const auto* const found = find(links, name);
  if (found == nullptr) return std::nullopt;
  BridgeFacts out{found->kind, found->hardware, std::nullopt, socket.mtu_of(name)};
  socket.ask(netlink::ask_for_addresses(AF_INET), [&](std::string_view message) {
    const auto address = netlink::address_in(message);
    if (address && address->link == found->link && !out.address) out.address = address->address;
  });
  return out;
}

}  // namespace

NetworkFacts read_network_facts(const NetworkRequest& request) {
  NetworkFacts out;
  const NetlinkSocket socket;
  read_routes(socket, AF_INET, out.routes);
  if (request.ipv6) read_ipv6(socket, out);
  // Behind the routes: a bridge that is made meanwhile is seen, or its route is not.
  if (!request.bridge.empty()) out.bridge = read_bridge(socket, request.bridge);
  unsigned smallest = UINT_MAX;
  for (const int family : {AF_INET, AF_INET6}) {
    for (const auto& link : out.uplinks(family)) {
      const unsigned mtu = socket.mtu_of(link);
      if (mtu != 0) smallest = std::min(smallest, mtu);
    }
  }
  if (smallest != UINT_MAX) out.mtu = smallest;
  read_firewall(request, out);
  const auto uplinks = out.uplinks(AF_INET);
  if (request.kind == NetworkKind::pasta && !uplinks.empty())
    out.address = socket.address_of(uplinks.front());
  out.resolv_conf = try_read_file("/etc/resolv.conf").value_or("");
  out.resolved_resolv_conf = try_read_file("/run/systemd/resolve/resolv.conf").value_or("");
  return out;
}

}  // namespace mydocker::sys
