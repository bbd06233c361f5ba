// A CNI network's configuration, the text of a .conflist or .conf, becomes what its plugins are run
// with. Pure.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "cni/config_error.hpp"
#include "mydocker/network.hpp"

namespace mydocker::cni {

// The network's name alone; empty where the text has none. Throws ConfigError if it is no JSON.
[[nodiscard]] std::string name_in(std::string_view text);

// The whole; the plugins' files are not looked for. Throws ConfigError.
[[nodiscard]] CniNetwork parse_network(std::string_view text);

// Tells each plugin that says it publishes ports which ones. Throws ConfigError if none does.
void publish(const std::vector<PublishedPort>& ports, CniNetwork& network);

}  // namespace mydocker::cni
