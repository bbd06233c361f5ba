#include "namespaces/network/subnets.hpp"

#include <algorithm>
#include <cstdint>

#include "helpers/addresses.hpp"
#include "mydocker/error.hpp"

namespace mydocker::network {
namespace {

// Whether routes of other containers of ours are in the way, too.
enum class OurRoutes { count, do_not_count };

const Route* in_the_way(const Subnet& subnet, const std::vector<Route>& routes, OurRoutes ours) {
  const auto found = std::find_if(routes.begin(), routes.end(), [&](const Route& route) {
    const bool counts = ours == OurRoutes::count || !route.link.starts_with("myd");
    return route.to.prefix > 0 && counts && addresses::overlap(route.to, subnet);
  });
  return found == routes.end() ? nullptr : &*found;
}

[[noreturn]] void refuse(const Subnet& subnet, const Route& route, const std::string& advice) {
  throw SetupError("network", "use the subnet " + addresses::text(subnet), 0,
                   "a route of this host leads to " + addresses::text(route.to) +
                       (route.link.empty() ? "" : " over " + route.link) + ": " + advice);
}

// 172.16.1.0/24 as the original, then the rest of the private 172.16.0.0/12.
std::vector<Subnet> private_subnets() {
  constexpr unsigned kFirst = 16, kLast = 31, kThird = 256, kPrefix = 24;
  std::vector<Subnet> out;
  for (unsigned i = 1; i < (kLast - kFirst + 1) * kThird; ++i) {
    Subnet subnet{{AF_INET, {172}}, kPrefix};
    subnet.address.bytes[1] = static_cast<std::uint8_t>(kFirst + i / kThird);
    subnet.address.bytes[2] = static_cast<std::uint8_t>(i % kThird);
    out.push_back(subnet);
  }
  return out;
}

// Unique local addresses, RFC 4193: nobody outside sees them.
constexpr const char* kLocal6 = "fd6d:7964:6f63::/48";

std::vector<Subnet> local_subnets6() {
  constexpr unsigned kMost = 256, kPrefix = 64, kLastOfPrefix = 7;
  std::vector<Subnet> out;
  for (unsigned i = 1; i < kMost; ++i) {
    Subnet subnet{addresses::parse_subnet(kLocal6)->address, kPrefix};
    subnet.address.bytes[kLastOfPrefix] = static_cast<std::uint8_t>(i);
    out.push_back(subnet);
  }
  return out;
}

}  // namespace

Subnet choose_subnet(const NetworkRequest& request, const NetworkFacts& facts, int family) {
  const auto& asked = family == AF_INET6 ? request.subnet6 : request.subnet;
  if (asked) {
    const Route* const route = in_the_way(*asked, facts.routes, OurRoutes::do_not_count);
    if (route != nullptr) refuse(*asked, *route, "choose another --subnet");
    return *asked;
  }
  for (const auto& subnet : family == AF_INET6 ? local_subnets6() : private_subnets()) {
    if (in_the_way(subnet, facts.routes, OurRoutes::do_not_count) == nullptr) return subnet;
  }
  throw SetupError("network", "find a subnet for containers", 0,
                   std::string("this host has routes to all of ") +
                       (family == AF_INET6 ? kLocal6 : "172.16.0.0/12") +
                       ": choose one by --subnet");
}

void require_free(const Subnet& subnet, const NetworkFacts& facts, const std::string& advice) {
  const Route* const route = in_the_way(subnet, facts.routes, OurRoutes::count);
  if (route != nullptr) refuse(subnet, *route, advice);
}

}  // namespace mydocker::network
