// What a container changed in the host's network, taken back: at its end, or by a later start if it
// was killed.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "mydocker/network.hpp"
#include "runtime/context.hpp"
#include "runtime/shared_uses.hpp"

namespace mydocker {

// "/proc/sys/net/ipv4/conf/eth0/forwarding"
[[nodiscard]] std::string setting_file(const std::string& path);

// The names of a setting, and of the rules of one packet filter, in SharedUses.
[[nodiscard]] std::string setting_use(const std::string& path);
[[nodiscard]] std::string rules_use(Firewall firewall, int family);

// If `id` is the last that needs them. Throw std::system_error, sys::FirewallError.
void take_back_setting(SharedUses& uses, const std::string& path, const std::string& id);
void take_back_rules(SharedUses& uses, Firewall firewall, int family, const std::string& id);

// How many packets of the container met no entry of --egress, while `context` still holds its network,
// which it lets go of; nothing without a list, or if the packet filter cannot tell.
[[nodiscard]] std::optional<std::uint64_t> count_refused(const NetworkRequest& request,
                                                         Firewall firewall, Context& context);

// All that `id` had. `record` is its record, locked; -1: it has none any more.
void take_back_network(const std::string& folder, const std::string& id, int record);

}  // namespace mydocker
