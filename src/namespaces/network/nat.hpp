// `--network nat`: a routed pair of interfaces, behind the host's address; and `original`, the one pair
// of the C program. Pure.
#pragma once

#include <string>
#include <string_view>

#include "mydocker/plan.hpp"

namespace mydocker::network {

// The outer end of a container's pair: 15 characters, the same for the same id.
[[nodiscard]] std::string link_name(std::string_view id);

// The links over which packets for the container come in: answers by the uplink, and what is for a
// published port where that is.
[[nodiscard]] std::vector<std::string> ways_in(const NetworkRequest& request,
                                               const NetworkFacts& facts, int family);

// Whether one of them is reached by the host's 127.0.0.1, too.
[[nodiscard]] bool publishes_on_loopback(const std::vector<PublishedPort>& ports);

// A notice for each chain of others that drops what is forwarded, with the line that opens it for what
// comes in or goes out over `links`.
void tell_of_shut_chains(const NetworkFacts& facts, const std::string& links, StagePlan& out);

void plan_nat(const ContainerSpec& spec, const HostFacts& facts, StagePlan& out);

}  // namespace mydocker::network
