#include "helpers/addresses.hpp"

#include <arpa/inet.h>

#include <algorithm>

#include "helpers/numbers.hpp"

namespace mydocker {

std::vector<std::string> NetworkFacts::uplinks(int family) const {
  std::vector<std::string> out;
  const auto is_default = [family](const Route& route) {
    return route.to.prefix == 0 && route.to.address.family == family && !route.link.empty();
  };
  std::uint32_t best = UINT32_MAX;
  for (const auto& route : routes) {
    if (is_default(route)) best = std::min(best, route.metric);
  }
  for (const auto& route : routes) {
    if (is_default(route) && route.metric == best &&
        std::find(out.begin(), out.end(), route.link) == out.end())
      out.push_back(route.link);
  }
  return out;
}

std::vector<std::string> NetworkFacts::links_of(const IpAddress& wanted) const {
  std::vector<std::string> out;
  for (const auto& route : routes) {
    const bool is_meant = route.is_local && route.link != "lo" &&
                          route.to.address.family == wanted.family &&
                          (addresses::is_any(wanted) || route.to.address == wanted);
    if (is_meant && std::find(out.begin(), out.end(), route.link) == out.end())
      out.push_back(route.link);
  }
  return out;
}

}  // namespace mydocker

namespace mydocker::addresses {
namespace {

// Whether the first `prefix` bits are the same.
bool agree(const IpAddress& a, const IpAddress& b, unsigned prefix) {
  const unsigned whole = prefix / 8, rest = prefix % 8;
  if (!std::equal(a.bytes.begin(), a.bytes.begin() + whole, b.bytes.begin())) return false;
  if (rest == 0) return true;
  const auto mask = static_cast<std::uint8_t>(0xFF00U >> rest);
  return ((a.bytes[whole] ^ b.bytes[whole]) & mask) == 0;
}

IpAddress first_of(const Subnet& subnet) {
  IpAddress out = subnet.address;
  for (unsigned bit = subnet.prefix; bit < bits(out.family); ++bit)
    out.bytes[bit / 8] &= static_cast<std::uint8_t>(~(0x80U >> bit % 8));
  return out;
}

}  // namespace

std::optional<IpAddress> parse(std::string_view text) {
  const std::string terminated(text);
  IpAddress out;
  for (const int family : {AF_INET, AF_INET6}) {
    out.family = family;
    if (::inet_pton(family, terminated.c_str(), out.bytes.data()) == 1) return out;
  }
  return std::nullopt;
}

std::optional<Subnet> parse_subnet(std::string_view text) {
  const auto slash = text.find('/');
  const auto address = parse(text.substr(0, slash));
  if (!address) return std::nullopt;
  if (slash == std::string_view::npos) return alone(*address);
  const auto prefix = numbers::parse(text.substr(slash + 1), bits(address->family));
  if (!prefix) return std::nullopt;
  const Subnet out{*address, static_cast<unsigned>(*prefix)};
  return first_of(out) == *address ? std::optional(out) : std::nullopt;
}

std::string text(const IpAddress& address) {
  if (is_own(address)) return address == kOwnAddress6 ? "<address6>" : "<address>";
  std::array<char, INET6_ADDRSTRLEN> out{};
  ::inet_ntop(address.family, address.bytes.data(), out.data(), out.size());
  return out.data();
}

std::string text(const Subnet& subnet) {
  return text(subnet.address) + "/" + std::to_string(subnet.prefix);
}

unsigned bits(int family) { return family == AF_INET6 ? 128 : 32; }

Subnet alone(const IpAddress& address) {
  return {address, bits(address == kOwnAddress6 ? AF_INET6 : address.family)};
}

IpAddress own(int family) { return family == AF_INET6 ? kOwnAddress6 : kOwnAddress; }

bool is_own(const IpAddress& address) { return address.family == AF_UNSPEC; }

bool overlap(const Subnet& a, const Subnet& b) {
  return a.address.family == b.address.family &&
         agree(a.address, b.address, std::min(a.prefix, b.prefix));
}

bool is_loopback(const IpAddress& address) {
  if (address.family == AF_INET) return address.bytes[0] == 127;
  return address == parse("::1");
}

bool is_any(const IpAddress& address) {
  return address.family != AF_UNSPEC &&
         std::all_of(address.bytes.begin(), address.bytes.end(), [](auto b) { return b == 0; });
}

std::string hardware_address(const IpAddress& address) {
  constexpr std::size_t kBytes = 4;
  return std::string("\x02M") +
         std::string(reinterpret_cast<const char*>(address.bytes.data()), kBytes);
}

std::string hardware_text(const IpAddress& address) {
  return address == kOwnAddress ? "<hardware>" : hardware_text(hardware_address(address));
}

std::string hardware_text(std::string_view bytes) {
  std::string out;
  for (const char c : bytes) {
    const auto byte = static_cast<unsigned char>(c);
    if (!out.empty()) out += ':';
    out += "0123456789abcdef"[byte >> 4];
    out += "0123456789abcdef"[byte & 15];
  }
  return out;
}

IpAddress nth(const Subnet& subnet, std::uint32_t number) {
  IpAddress out = first_of(subnet);
  const std::size_t size = bits(out.family) / 8;
  for (std::size_t i = size; i-- > size - 4; number >>= 8)
    out.bytes[i] = static_cast<std::uint8_t>(out.bytes[i] | (number & 0xFF));
  return out;
}

std::uint32_t last_host(const Subnet& subnet) {
  constexpr unsigned kMostBits = 16;
  const unsigned rest = bits(subnet.address.family) - subnet.prefix;
  return (std::uint32_t{1} << std::min(rest, kMostBits)) - 2;
}

bool contains(const Subnet& outer, const Subnet& inner) {
  return outer.prefix <= inner.prefix && overlap(outer, inner);
}

}  // namespace mydocker::addresses
