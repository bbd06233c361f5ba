// Addresses and networks of the Internet Protocol as text. Pure.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "mydocker/network.hpp"

namespace mydocker::addresses {

// "172.16.1.1", "fd00::1"; nothing for any other text.
[[nodiscard]] std::optional<IpAddress> parse(std::string_view text);

// "172.16.1.0/24"; an address alone is a network of one. Bits behind the prefix have to be 0.
[[nodiscard]] std::optional<Subnet> parse_subnet(std::string_view text);

// "<address>" for the container's own, "<address6>" for that of IPv6.
[[nodiscard]] std::string text(const IpAddress& address);
[[nodiscard]] std::string text(const Subnet& subnet);

// 32 for IPv4, 128 for IPv6.
[[nodiscard]] unsigned bits(int family);

// The network of this one address.
[[nodiscard]] Subnet alone(const IpAddress& address);

// Whether they have an address in common.
[[nodiscard]] bool overlap(const Subnet& a, const Subnet& b);

// What stands for the container's own address of that family.
[[nodiscard]] IpAddress own(int family);
[[nodiscard]] bool is_own(const IpAddress& address);

// 127.0.0.0/8 and ::1.
[[nodiscard]] bool is_loopback(const IpAddress& address);

// 0.0.0.0 and ::.
[[nodiscard]] bool is_any(const IpAddress& address);

// A hardware address for the one interface that has this IPv4 address: 02:4d and its four bytes. 02
// says that no factory has given it; all of it: six bytes.
[[nodiscard]] std::string hardware_address(const IpAddress& address);
// "02:4d:ac:10:01:02"; "<hardware>" for the container's own.
[[nodiscard]] std::string hardware_text(const IpAddress& address);
[[nodiscard]] std::string hardware_text(std::string_view bytes);

// The address so many behind the network's first one.
[[nodiscard]] IpAddress nth(const Subnet& subnet, std::uint32_t number);

// The number of the last one that somebody can have: behind it is the one for all. At most 65534.
[[nodiscard]] std::uint32_t last_host(const Subnet& subnet);

// Whether all of `inner` is in `outer`.
[[nodiscard]] bool contains(const Subnet& outer, const Subnet& inner);

}  // namespace mydocker::addresses
