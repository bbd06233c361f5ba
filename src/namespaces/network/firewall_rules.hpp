// The rules of the host's packet filter that keep containers apart and lead them out. Pure.
#pragma once

#include <string>
#include <vector>

#include "mydocker/network.hpp"

namespace mydocker::network {

// The outer ends of all routed pairs, as a rule names them.
inline constexpr std::string_view kLinks = "myd+";

// What holds for every container, whatever its address.
[[nodiscard]] std::vector<FirewallRule> shared_rules();

// Those of one container: `link` is the outer end of its pair.
[[nodiscard]] std::vector<FirewallRule> own_rules(const std::string& link,
                                                  const std::vector<PublishedPort>& ports);

}  // namespace mydocker::network
