// Conversations with the kernel's network: netlink(7).
#pragma once

#include <sys/types.h>

#include <functional>
#include <string>
#include <string_view>
#include <system_error>
#include <vector>

#include "helpers/netlink_messages.hpp"
#include "mydocker/unique_fd.hpp"

namespace mydocker::sys {

// What the kernel refuses, with the words that it has for it, if any. See NETLINK_EXT_ACK in
// netlink(7).
class NetlinkError : public std::system_error {
 public:
  NetlinkError(int error, std::string words)
      : std::system_error(error, std::generic_category(), "netlink"), words_(std::move(words)) {}
  [[nodiscard]] const std::string& words() const noexcept { return words_; }

 private:
  std::string words_;
};

class NetlinkSocket {
 public:
  // Speaks of this process's network. `protocol` is NETLINK_ROUTE or another of netlink(7).
  explicit NetlinkSocket(int protocol = NETLINK_ROUTE);
  // Speaks of the network of `process`, whatever network this process is in. The socket keeps that
  // network alive.
  [[nodiscard]] static NetlinkSocket of(pid_t process);

  // Sends one request and waits until the kernel has answered it. Throws NetlinkError.
  void perform(netlink::Message message) const;
  // The same; 0, or the errno: for what may well be refused.
  [[nodiscard]] int attempt(netlink::Message message) const;
  // Sends a question and gives each message of the answer to `take`. Throws NetlinkError.
  void ask(const netlink::Message& question,
           const std::function<void(std::string_view message)>& take) const;

  // 0 if there is no interface of that name.
  [[nodiscard]] std::uint32_t index_of(const std::string& link) const;
  // Empty if there is none of that index.
  [[nodiscard]] std::string name_of(std::uint32_t link) const;
  // 0 if there is no interface of that name.
  [[nodiscard]] unsigned mtu_of(const std::string& link) const;
  // The first of its IPv4 addresses; without a family if there is none.
  [[nodiscard]] IpAddress address_of(const std::string& link) const;

 private:
  struct Answer {
    int error = 0;
    std::string words;
  };
  [[nodiscard]] Answer answer_to(netlink::Message message) const;
  void send(const netlink::Message& message) const;
  [[nodiscard]] std::string receive() const;

  UniqueFd fd_;
};

// Moves the link `name` into the network namespace behind `network` and calls it `name_inside`
// there. Its addresses of global scope that hold for ever go with it, and it is up there. Throws
// std::system_error.
void move_link(const std::string& name, int network, const std::string& name_inside);

}  // namespace mydocker::sys
