#include "sys/network_facts.hpp"

#include <algorithm>
#include <climits>
#include <utility>

#include "sys/files.hpp"
#include "sys/firewall.hpp"
#include "sys/netlink.hpp"

namespace mydocker::sys {
namespace {

std::vector<Route> read_routes(const NetlinkSocket& socket) {
  std::vector<Route> out;
  socket.ask(netlink::ask_for_routes(AF_INET), [&](std::string_view message) {
    const auto route = netlink::route_in(message);
    if (!route) return;
    std::string link = socket.name_of(route->link);
    // A link that has vanished meanwhile takes its route with it; several next hops have none.
    const bool is_gone = route->link != 0 && link.empty();
    if (!is_gone) out.push_back({route->to, std::move(link), route->metric});
  });
  return out;
}

}  // namespace

NetworkFacts read_network_facts(const NetworkRequest& request) {
  NetworkFacts out;
  const NetlinkSocket socket;
  out.routes = read_routes(socket);
  unsigned smallest = UINT_MAX;
  for (const auto& link : out.uplinks()) {
    const unsigned mtu = socket.mtu_of(link);
    if (mtu != 0) smallest = std::min(smallest, mtu);
  }
  if (smallest != UINT_MAX) out.mtu = smallest;
  out.firewall = request.firewall ? *request.firewall : used_firewall();
  out.resolv_conf = try_read_file("/etc/resolv.conf").value_or("");
  out.resolved_resolv_conf = try_read_file("/run/systemd/resolve/resolv.conf").value_or("");
  return out;
}

}  // namespace mydocker::sys
