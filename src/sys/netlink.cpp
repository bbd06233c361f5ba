#include "sys/netlink.hpp"

#include <linux/rtnetlink.h>
#include <net/if.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cstring>
#include <string_view>

#include "sys/check.hpp"

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
    const UniqueFd socket =
        check_fd(::socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE), "socket");
    check(::send(socket.get(), bytes_.data(), header().nlmsg_len, 0), "send");
    alignas(nlmsghdr) std::array<char, 4096> answer{};
    const auto got = check(::recv(socket.get(), answer.data(), answer.size(), 0), "recv");
    nlmsghdr head{};
    nlmsgerr error{};
    if (static_cast<std::size_t>(got) < sizeof head + sizeof error) fail(EPROTO, "recv");
    std::memcpy(&head, answer.data(), sizeof head);
    std::memcpy(&error, answer.data() + NLMSG_HDRLEN, sizeof error);
    if (head.nlmsg_type == NLMSG_ERROR && error.error != 0) fail(-error.error, "rtnetlink");
  }

 private:
  nlmsghdr& header() { return *reinterpret_cast<nlmsghdr*>(bytes_.data()); }
  [[nodiscard]] const nlmsghdr& header() const {
    return *reinterpret_cast<const nlmsghdr*>(bytes_.data());
  }

  alignas(nlmsghdr) std::array<char, 512> bytes_{};
};

}  // namespace

void move_link(const std::string& name, int network, const std::string& name_inside) {
  ifinfomsg link{};
  link.ifi_index = static_cast<int>(::if_nametoindex(name.c_str()));
  if (link.ifi_index == 0) fail(ENODEV, "if_nametoindex");
  Request move(RTM_NEWLINK, link);
  move.add(IFLA_NET_NS_FD, &network, sizeof network);
  move.add(IFLA_IFNAME, name_inside.c_str(), name_inside.size() + 1);
  move.perform();
}

}  // namespace mydocker::sys
