// The rules of the host's packet filter that keep containers apart and lead them out. Pure.
#pragma once

#include <string>
#include <vector>

#include "mydocker/network.hpp"

namespace mydocker::network {

// The outer ends of all routed pairs, as a rule names them.
inline constexpr std::string_view kLinks = "myd+";

// What holds for every container, whatever its address of `family`.
[[nodiscard]] std::vector<FirewallRule> shared_rules(int family);

// Those of one container: `link` is the outer end of its pair. Of `ports` only the ones of `family`.
[[nodiscard]] std::vector<FirewallRule> own_rules(const std::string& link,
                                                  const std::vector<PublishedPort>& ports,
                                                  int family);

// The same for the original's one pair, which shares nothing with others.
[[nodiscard]] std::vector<FirewallRule> original_rules(const std::string& link);

// Those of a container on `bridge`, which others may be on that are not ours: its own address is what
// tells it from them. `is_open`: it may speak to them.
[[nodiscard]] std::vector<FirewallRule> bridge_rules(const std::string& bridge, bool is_open,
                                                     const std::vector<PublishedPort>& ports);

// Inside, on what a container sends: to `allowed`, to itself, and answers; nothing else.
[[nodiscard]] std::vector<FirewallRule> egress_rules(const std::vector<Egress>& allowed,
                                                     int family);

}  // namespace mydocker::network
