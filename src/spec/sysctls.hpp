// Settings below /proc/sys: which of them belong to a namespace, and to which.
#pragma once

#include <string>
#include <string_view>
#include <utility>

#include "mydocker/spec.hpp"

namespace mydocker {

// Both spellings of sysctl(8) as the first one: "net.ipv4.conf.eth0/1.arp_filter" is
// net/ipv4/conf/eth0.1/arp_filter. Which of the two a name is in, its first separator says.
[[nodiscard]] std::string sysctl_in_dots(std::string_view name);

// Whether a name in dots is one that can become a path: nothing in it may lead elsewhere.
[[nodiscard]] bool is_sysctl(std::string_view name);

// The namespace whose setting it is, and that namespace's word; null: it is the whole host's.
[[nodiscard]] std::pair<const NamespaceUse*, std::string_view> owner_of_sysctl(
    std::string_view name, const Namespaces& all);

}  // namespace mydocker
