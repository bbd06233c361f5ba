#include "sys/listening.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/un.h>

#include <cstddef>
#include <cstring>

namespace mydocker::sys {
namespace {

bool listens(const UniqueFd& socket, const sockaddr* address, std::size_t size) {
  return socket && ::bind(socket.get(), address, static_cast<socklen_t>(size)) == 0 &&
         ::listen(socket.get(), 1) == 0;
}

}  // namespace

UniqueFd try_listen_at_name(std::string_view name) {
  UniqueFd out(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  if (name.size() + 1 > sizeof address.sun_path) return {};
  std::memcpy(address.sun_path + 1, name.data(), name.size());
  const std::size_t size = offsetof(sockaddr_un, sun_path) + 1 + name.size();
  if (!listens(out, reinterpret_cast<const sockaddr*>(&address), size)) return {};
  return out;
}

LoopbackListener try_listen_at_loopback() {
  LoopbackListener out;
  out.socket.reset(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  auto* const generic = reinterpret_cast<sockaddr*>(&address);
  socklen_t size = sizeof address;
  if (!listens(out.socket, generic, size)) return {};
  if (::getsockname(out.socket.get(), generic, &size) == 0) out.port = ntohs(address.sin_port);
  return out;
}

}  // namespace mydocker::sys
