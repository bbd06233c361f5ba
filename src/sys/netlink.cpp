#include "sys/netlink.hpp"

#include <linux/rtnetlink.h>
#include <net/if.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <array>
#include <cstring>
#include <string_view>
#include <vector>

#include "sys/check.hpp"
#include "sys/processes.hpp"

namespace mydocker::sys {
namespace {

// One request: a header, a fixed part, attributes, each aligned to four bytes.
class Request {
 public:
  template <class Fixed>
  Request(std::uint16_t type, const Fixed& fixed) {
    header().nlmsg_type = type;
    header().nlmsg_flags = NLM_F_REQUEST | NLM_F_ACK;
    header().nlmsg_len = NLMSG_LENGTH(sizeof fixed);
    std::memcpy(bytes_.data() + NLMSG_HDRLEN, &fixed, sizeof fixed);
  }

  void add(std::uint16_t type, const void* data, std::size_t size) {
    rtattr attribute{};
    attribute.rta_type = type;
    attribute.rta_len = static_cast<std::uint16_t>(RTA_LENGTH(size));
    const std::size_t at = NLMSG_ALIGN(header().nlmsg_len);
    if (at + RTA_ALIGN(attribute.rta_len) > bytes_.size()) fail(EMSGSIZE, "sendto");
    std::memcpy(bytes_.data() + at, &attribute, sizeof attribute);
    std::memcpy(bytes_.data() + at + RTA_LENGTH(0), data, size);
    header().nlmsg_len = static_cast<std::uint32_t>(at + RTA_ALIGN(attribute.rta_len));
  }

  // Sends it and throws what the kernel answers, if that is an error.
  void perform() const {
    const UniqueFd socket = send();
    alignas(nlmsghdr) std::array<char, kAnswer> answer{};
    const auto got = check(::recv(socket.get(), answer.data(), answer.size(), 0), "recv");
    nlmsghdr head{};
    nlmsgerr error{};
    if (static_cast<std::size_t>(got) < sizeof head + sizeof error) fail(EPROTO, "recv");
    std::memcpy(&head, answer.data(), sizeof head);
    std::memcpy(&error, answer.data() + NLMSG_HDRLEN, sizeof error);
    if (head.nlmsg_type == NLMSG_ERROR && error.error != 0) fail(-error.error, "rtnetlink");
  }

  // Sends it as a question and gives each message of the answer to `take`.
  template <class Take>
  void dump(const Take& take) {
    header().nlmsg_flags = NLM_F_REQUEST | NLM_F_DUMP;
    const UniqueFd socket = send();
    for (;;) {
      alignas(nlmsghdr) std::array<char, kAnswer> answer{};
      auto left = check(::recv(socket.get(), answer.data(), answer.size(), 0), "recv");
      const auto* message = reinterpret_cast<const nlmsghdr*>(answer.data());
      while (left >= NLMSG_HDRLEN && message->nlmsg_len >= NLMSG_HDRLEN &&
             message->nlmsg_len <= left) {
        if (message->nlmsg_type == NLMSG_DONE) return;
        if (message->nlmsg_type == NLMSG_ERROR) fail(EPROTO, "rtnetlink");
        take(*message);
        const auto size = static_cast<std::ptrdiff_t>(NLMSG_ALIGN(message->nlmsg_len));
        left -= size;
        message = reinterpret_cast<const nlmsghdr*>(reinterpret_cast<const char*>(message) + size);
      }
    }
  }

 private:
  static constexpr std::size_t kAnswer = 32768;  // what the kernel fills at most in one go

  [[nodiscard]] UniqueFd send() const {
    UniqueFd socket =
        check_fd(::socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE), "socket");
    check(::send(socket.get(), bytes_.data(), header().nlmsg_len, 0), "send");
    return socket;
  }

  nlmsghdr& header() { return *reinterpret_cast<nlmsghdr*>(bytes_.data()); }
  [[nodiscard]] const nlmsghdr& header() const {
    return *reinterpret_cast<const nlmsghdr*>(bytes_.data());
  }

  alignas(nlmsghdr) std::array<char, 512> bytes_{};
};

// An address that somebody has given, and the attributes that say it.
struct Address {
  ifaddrmsg fixed{};
  std::vector<std::pair<std::uint16_t, std::string>> attributes;
};

int index_of(const std::string& name) {
  const unsigned index = ::if_nametoindex(name.c_str());
  if (index == 0) fail(errno, "if_nametoindex");
  return static_cast<int>(index);
}

Address address_in(const nlmsghdr& message) {
  Address out;
  const char* const begin = reinterpret_cast<const char*>(&message);
  if (message.nlmsg_len < NLMSG_LENGTH(sizeof out.fixed)) fail(EPROTO, "rtnetlink");
  std::memcpy(&out.fixed, begin + NLMSG_HDRLEN, sizeof out.fixed);
  std::size_t at = NLMSG_SPACE(sizeof out.fixed);
  rtattr attribute{};
  while (at + sizeof attribute <= message.nlmsg_len) {
    std::memcpy(&attribute, begin + at, sizeof attribute);
    if (attribute.rta_len < sizeof attribute || at + attribute.rta_len > message.nlmsg_len) break;
    const std::string data(begin + at + RTA_LENGTH(0), attribute.rta_len - RTA_LENGTH(0));
    // The label holds the old name, and the times begin anew.
    if (attribute.rta_type == IFA_LOCAL || attribute.rta_type == IFA_ADDRESS ||
        attribute.rta_type == IFA_BROADCAST)
      out.attributes.emplace_back(attribute.rta_type, data);
    at += RTA_ALIGN(attribute.rta_len);
  }
  return out;
}

// The kernel forgets a device's addresses when it moves: those for everywhere and for ever are kept.
std::vector<Address> addresses_of(int index) {
  std::vector<Address> out;
  Request question(RTM_GETADDR, ifaddrmsg{});
  question.dump([&](const nlmsghdr& message) {
    if (message.nlmsg_type != RTM_NEWADDR) return;
    Address address = address_in(message);
    const bool is_kept = address.fixed.ifa_scope == RT_SCOPE_UNIVERSE &&
                         (address.fixed.ifa_flags & IFA_F_PERMANENT) != 0;
    if (static_cast<int>(address.fixed.ifa_index) == index && is_kept)
      out.push_back(std::move(address));
  });
  return out;
}

void give_addresses(int index, const std::vector<Address>& addresses) {
  for (const auto& [fixed, attributes] : addresses) {
    ifaddrmsg inside = fixed;
    inside.ifa_index = static_cast<unsigned>(index);
    Request add(RTM_NEWADDR, inside);
    for (const auto& [type, data] : attributes) add.add(type, data.data(), data.size());
    add.perform();
  }
}

void raise(int index) {
  ifinfomsg link{};
  link.ifi_index = index;
  link.ifi_flags = link.ifi_change = IFF_UP;
  Request(RTM_NEWLINK, link).perform();
}

// Does `work` in the network namespace behind `network`, in a process of its own: this one stays
// where it is.
template <class Work>
void in_network(int network, const Work& work) {
  Cloned child = clone_into(0, -1);
  if (child.pid == 0) {
    try {
      check(::syscall(SYS_setns, network, 0), "setns");
      work();
      ::_exit(0);
    } catch (const std::system_error& error) {
      ::_exit(error.code().value());
    }
  }
  const Ended ended = wait_for(child.pidfd.get());
  if (ended.by_signal) fail(EINTR, "rtnetlink");
  if (ended.value != 0) fail(ended.value, "rtnetlink");
}

}  // namespace

void move_link(const std::string& name, int network, const std::string& name_inside) {
  ifinfomsg link{};
  link.ifi_index = index_of(name);
  const auto addresses = addresses_of(link.ifi_index);
  Request move(RTM_NEWLINK, link);
  move.add(IFLA_NET_NS_FD, &network, sizeof network);
  move.add(IFLA_IFNAME, name_inside.c_str(), name_inside.size() + 1);
  move.perform();
  in_network(network, [&] {
    const int index = index_of(name_inside);
    give_addresses(index, addresses);
    raise(index);
  });
}

}  // namespace mydocker::sys
