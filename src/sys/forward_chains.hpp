// Chains of other programs that what is forwarded has to pass, and that drop what they do not know.
#pragma once

#include <vector>

#include "mydocker/network.hpp"

namespace mydocker::sys {

// Those of both packet filters that drop by their policy, for IPv4 (and for IPv6, if `with_ipv6`),
// and name none of our links in a rule. A filter that cannot be asked has none. `ours` is the filter
// that takes our rules: in the older one an accept of ours ends the matter, so its own policy does not
// count then.
[[nodiscard]] std::vector<ForwardChain> shut_forward_chains(Firewall ours, bool with_ipv6);

}  // namespace mydocker::sys
