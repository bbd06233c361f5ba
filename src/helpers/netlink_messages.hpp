// Messages to the kernel's network as bytes, and the kernel's own read back: netlink(7),
// rtnetlink(7). Pure.
#pragma once

#include <linux/netlink.h>

#include <cstdint>
#include <cstring>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "mydocker/network.hpp"

namespace mydocker::netlink {

// One message: a header, a fixed part that its type prescribes, attributes; each aligned to four
// bytes.
class Message {
 public:
  template <class Fixed>
  Message(std::uint16_t type, std::uint16_t flags, const Fixed& fixed)
      : Message(type, flags,
                std::string_view(reinterpret_cast<const char*>(&fixed), sizeof fixed)) {}
  Message(std::uint16_t type, std::uint16_t flags, std::string_view fixed);

  // Throws std::system_error with EMSGSIZE for an attribute whose length its 16 bits cannot tell.
  void add(std::uint16_t type, std::string_view data);
  // With the zero byte behind it that the kernel wants of names.
  void add_text(std::uint16_t type, const std::string& text);
  template <class Number>
  void add_number(std::uint16_t type, Number number) {
    add(type, std::string_view(reinterpret_cast<const char*>(&number), sizeof number));
  }
  void add_address(std::uint16_t type, const IpAddress& address);

  // Attributes inside of an attribute: those that `fill` adds. `fixed` stands in front of them.
  void nest(std::uint16_t type, const std::function<void()>& fill, std::string_view fixed = {});

  void add_flags(std::uint16_t flags);

  // All of it, ready to be sent.
  [[nodiscard]] std::string_view bytes() const { return bytes_; }

 private:
  void set_length();
  std::string bytes_;
};

// Calls `take` for each attribute in `bytes`, the part of a message behind its fixed one. What is
// cut short ends it.
void for_each_attribute(std::string_view bytes,
                        const std::function<void(std::uint16_t type, std::string_view data)>& take);

// The number in an attribute's data; 0 if that has another size.
template <class Number>
[[nodiscard]] Number number_in(std::string_view data) {
  Number out{};
  if (data.size() == sizeof out) std::memcpy(&out, data.data(), sizeof out);
  return out;
}

// The fixed part of a message of that type; nothing for another, or one that is cut short.
template <class Fixed>
[[nodiscard]] std::optional<Fixed> fixed_in(std::string_view message, std::uint16_t type) {
  nlmsghdr header{};
  Fixed fixed{};
  if (message.size() < NLMSG_SPACE(sizeof fixed)) return std::nullopt;
  std::memcpy(&header, message.data(), sizeof header);
  if (header.nlmsg_type != type) return std::nullopt;
  std::memcpy(&fixed, message.data() + NLMSG_HDRLEN, sizeof fixed);
  return fixed;
}

// What stands behind a fixed part of that size.
[[nodiscard]] inline std::string_view attributes_behind(std::string_view message,
                                                        std::size_t fixed) {
  return message.substr(NLMSG_SPACE(fixed));
}

// ---- the requests of network.hpp ----
// What a request names and a message has numbers for.
struct Numbers {
  std::uint32_t link = 0;     // the index of the interface
  std::uint32_t network = 0;  // a pid whose network is meant, for the peer of a pair
  IpAddress own, own6;        // for kOwnAddress and kOwnAddress6
  std::uint32_t bridge = 0;   // the index of the bridge that the interface becomes a port of
};
[[nodiscard]] Message message_of(const LinkRequest& request, const Numbers& numbers);

// The interface whose index message_of wants; empty: none.
[[nodiscard]] std::string link_of(const LinkRequest& request);

// The bridge whose index it wants; empty: none.
[[nodiscard]] std::string bridge_of(const LinkRequest& request);

// The same in words, as one types it for ip(8) or the program_of(), without that name.
[[nodiscard]] std::string words_of(const LinkRequest& request);
[[nodiscard]] std::string_view program_of(const LinkRequest& request);

[[nodiscard]] Message ask_for_routes(int family);
// A route of the answer, with the index of its interface in the place of the name; nothing for a
// broadcast address and its like.
struct IndexedRoute {
  Subnet to;
  std::uint32_t link = 0, metric = 0;
  bool is_advertised = false, is_local = false;
};
[[nodiscard]] std::optional<IndexedRoute> route_in(std::string_view message);

[[nodiscard]] Message ask_for_links();
// A link of the answer; `bridge` is the index of that which it is a port of, or 0.
struct IndexedLink {
  std::uint32_t link = 0, bridge = 0;
  std::string name, kind;  // "myd1", "veth"
  HardwareAddress hardware;
  bool is_up = false;
};
[[nodiscard]] std::optional<IndexedLink> link_in(std::string_view message);

[[nodiscard]] Message ask_for_addresses(int family);
// An address of the answer that holds beyond its own link, with the bits of the network around it;
// nothing for any other.
struct IndexedAddress {
  Subnet address;
  std::uint32_t link = 0;
};
[[nodiscard]] std::optional<IndexedAddress> address_in(std::string_view message);

}  // namespace mydocker::netlink
