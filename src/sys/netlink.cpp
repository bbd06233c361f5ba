#include "sys/netlink.hpp"

#include <fcntl.h>
#include <net/if.h>
#include <netinet/in.h>
#include <sched.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <array>
#include <cstring>

#include "sys/check.hpp"

namespace mydocker::sys {
namespace {

constexpr std::size_t kMostOfAnswer = 32768;  // what the kernel fills at most in one go

UniqueFd open_network(const std::string& process) {
  return check_fd(::open(("/proc/" + process + "/ns/net").c_str(), O_RDONLY | O_CLOEXEC), "open");
}

void enter_network(const UniqueFd& network) {
  check(::syscall(SYS_setns, network.get(), CLONE_NEWNET), "setns");
}

ifreq request_for(const std::string& link) {
  ifreq out{};
  link.copy(out.ifr_name, sizeof out.ifr_name - 1);
  return out;
}

// The error in an NLMSG_ERROR or NLMSG_DONE, and the kernel's words behind it.
std::pair<int, std::string> error_in(std::string_view message) {
  nlmsghdr header{};
  nlmsgerr error{};
  std::memcpy(&header, message.data(), sizeof header);
  if (message.size() < NLMSG_HDRLEN + sizeof error.error) return {EPROTO, {}};
  std::memcpy(&error.error, message.data() + NLMSG_HDRLEN, sizeof error.error);
  std::pair<int, std::string> out{-error.error, {}};
  constexpr std::size_t kBehind = NLMSG_HDRLEN + sizeof error;
  if ((header.nlmsg_flags & NLM_F_ACK_TLVS) == 0 || message.size() < kBehind) return out;
  netlink::for_each_attribute(message.substr(kBehind), [&](std::uint16_t type, auto data) {
    if (type == NLMSGERR_ATTR_MSG && !data.empty()) out.second = data.substr(0, data.size() - 1);
  });
  return out;
}

}  // namespace

NetlinkSocket::NetlinkSocket(int protocol)
    : fd_(check_fd(::socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, protocol), "socket")) {
  constexpr int kOn = 1;
  // The kernel's words in an error, and not our own request once more.
  (void)::setsockopt(fd_.get(), SOL_NETLINK, NETLINK_EXT_ACK, &kOn, sizeof kOn);
  (void)::setsockopt(fd_.get(), SOL_NETLINK, NETLINK_CAP_ACK, &kOn, sizeof kOn);
}

NetlinkSocket NetlinkSocket::of(pid_t process) {
  const UniqueFd own = open_network("self"), other = open_network(std::to_string(process));
  enter_network(other);
  try {
    NetlinkSocket out;
    enter_network(own);
    return out;
  } catch (const std::system_error&) {
    enter_network(own);
    throw;
  }
}

void NetlinkSocket::send(const netlink::Message& message) const {
  const std::string_view bytes = message.bytes();
  check(::send(fd_.get(), bytes.data(), bytes.size(), 0), "send");
}

std::string NetlinkSocket::receive() const {
  std::string out(kMostOfAnswer, '\0');
  out.resize(static_cast<std::size_t>(check(::recv(fd_.get(), out.data(), out.size(), 0), "recv")));
  return out;
}

NetlinkSocket::Answer NetlinkSocket::answer_to(netlink::Message message) const {
  message.add_flags(NLM_F_ACK);
  send(message);
  const std::string answer = receive();
  nlmsghdr header{};
  if (answer.size() < sizeof header) return {EPROTO, {}};
  std::memcpy(&header, answer.data(), sizeof header);
  if (header.nlmsg_type != NLMSG_ERROR) return {EPROTO, {}};
  auto [error, words] = error_in(answer);
  return {error, std::move(words)};
}

void NetlinkSocket::perform(netlink::Message message) const {
  Answer answer = answer_to(std::move(message));
  if (answer.error != 0) throw NetlinkError(answer.error, std::move(answer.words));
}

int NetlinkSocket::attempt(netlink::Message message) const {
  return answer_to(std::move(message)).error;
}

void NetlinkSocket::ask(const netlink::Message& question,
                        const std::function<void(std::string_view)>& take) const {
  send(question);
  for (;;) {
    const std::string answer = receive();
    std::string_view rest = answer;
    nlmsghdr header{};
    while (rest.size() >= sizeof header) {
      std::memcpy(&header, rest.data(), sizeof header);
      if (header.nlmsg_len < sizeof header || header.nlmsg_len > rest.size()) break;
      const std::string_view message = rest.substr(0, header.nlmsg_len);
      if (header.nlmsg_type == NLMSG_ERROR || header.nlmsg_type == NLMSG_DONE) {
        auto [error, words] = error_in(message);
        if (error != 0) throw NetlinkError(error, std::move(words));
        return;
      }
      take(message);
      rest.remove_prefix(std::min<std::size_t>(NLMSG_ALIGN(header.nlmsg_len), rest.size()));
    }
  }
}

std::uint32_t NetlinkSocket::index_of(const std::string& link) const {
  ifreq request = request_for(link);
  if (::ioctl(fd_.get(), SIOCGIFINDEX, &request) < 0) return 0;
  return static_cast<std::uint32_t>(request.ifr_ifindex);
}

std::string NetlinkSocket::name_of(std::uint32_t link) const {
  ifreq request{};
  request.ifr_ifindex = static_cast<int>(link);
  return ::ioctl(fd_.get(), SIOCGIFNAME, &request) < 0 ? std::string() : request.ifr_name;
}

unsigned NetlinkSocket::mtu_of(const std::string& link) const {
  ifreq request = request_for(link);
  if (::ioctl(fd_.get(), SIOCGIFMTU, &request) < 0) return 0;
  return static_cast<unsigned>(request.ifr_mtu);
}

IpAddress NetlinkSocket::address_of(const std::string& link) const {
  ifreq request = request_for(link);
  // Any socket may be asked for an interface's name or size; for its address, one of its family.
  const UniqueFd socket(::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0));
  if (!socket || ::ioctl(socket.get(), SIOCGIFADDR, &request) < 0) return {};
  sockaddr_in address{};
  std::memcpy(&address, &request.ifr_addr, sizeof address);
  IpAddress out{AF_INET, {}};
  std::memcpy(out.bytes.data(), &address.sin_addr, sizeof address.sin_addr);
  return out;
}

}  // namespace mydocker::sys
