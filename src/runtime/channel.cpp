#include "runtime/channel.hpp"

#include <poll.h>
#include <sys/socket.h>

#include <array>
#include <cstring>
#include <optional>
#include <string_view>

#include "sys/check.hpp"

namespace mydocker {
namespace {

enum class Kind : int { go = 1, start, hooks_done, ready, at_hooks, console, page, failed };

// One datagram. The texts are cut to fit, and always end in a zero byte.
struct Wire {
  Kind kind = Kind::go;
  int error = 0, status = 0;
  std::array<char, 32> stage{};
  std::array<char, 600> doing{};
  std::array<char, 400> hint{};
};

template <std::size_t Size>
void put(std::array<char, Size>& to, std::string_view from) {
  const std::size_t length = std::min(from.size(), Size - 1);
  std::memcpy(to.data(), from.data(), length);
  to[length] = '\0';
}

void send(int socket, const Wire& wire, int passed_fd = -1) {
  iovec part{const_cast<Wire*>(&wire), sizeof wire};
  msghdr message{};
  message.msg_iov = &part;
  message.msg_iovlen = 1;
  alignas(cmsghdr) std::array<char, CMSG_SPACE(sizeof(int))> control{};
  if (passed_fd >= 0) {
    message.msg_control = control.data();
    message.msg_controllen = control.size();
    cmsghdr* const header = CMSG_FIRSTHDR(&message);
    header->cmsg_level = SOL_SOCKET;
    header->cmsg_type = SCM_RIGHTS;
    header->cmsg_len = CMSG_LEN(sizeof(int));
    std::memcpy(CMSG_DATA(header), &passed_fd, sizeof passed_fd);
  }
  sys::check(::sendmsg(socket, &message, MSG_NOSIGNAL), "sendmsg");
}

struct Received {
  Wire wire;
  UniqueFd fd;
};

// Nothing at the end of file.
std::optional<Received> receive(int socket) {
  Received out;
  iovec part{&out.wire, sizeof out.wire};
  msghdr message{};
  message.msg_iov = &part;
  message.msg_iovlen = 1;
  alignas(cmsghdr) std::array<char, CMSG_SPACE(sizeof(int))> control{};
  message.msg_control = control.data();
  message.msg_controllen = control.size();
  ssize_t got = 0;
  do {
    got = ::recvmsg(socket, &message, MSG_CMSG_CLOEXEC);
  } while (got < 0 && errno == EINTR);
  if (got < 0 && errno != ECONNRESET) sys::fail(errno, "recvmsg");
  if (got <= 0) return std::nullopt;
  const cmsghdr* const header = CMSG_FIRSTHDR(&message);
  if (header != nullptr && header->cmsg_type == SCM_RIGHTS) {
    int fd = -1;
    std::memcpy(&fd, CMSG_DATA(header), sizeof fd);
    out.fd.reset(fd);
  }
  return out;
}

bool await(int socket, Kind kind) {
  const auto received = receive(socket);
  return received && received->wire.kind == kind;
}

void send_with(int socket, Kind kind, int fd) {
  Wire wire;
  wire.kind = kind;
  send(socket, wire, fd);
}

// False if whoever is at the other end has gone.
bool try_send(int socket, Kind kind, int fd = -1) {
  try {
    send_with(socket, kind, fd);
    return true;
  } catch (const std::system_error& error) {
    if (error.code().value() != EPIPE && error.code().value() != ECONNRESET) throw;
    return false;
  }
}

void send_kind(int socket, Kind kind) { send_with(socket, kind, -1); }

}  // namespace

bool ChildEnd::await_go() { return await(socket_.get(), Kind::go); }

bool ChildEnd::await_start() { return await(socket_.get(), Kind::start); }

bool ChildEnd::await_hooks() {
  send_kind(socket_.get(), Kind::at_hooks);
  return await(socket_.get(), Kind::hooks_done);
}

void ChildEnd::await_starter(int listener, int page) {
  do {
    int connection = -1;
    do {
      connection = ::accept4(listener, nullptr, nullptr, SOCK_CLOEXEC);
    } while (connection < 0 && errno == EINTR);
    socket_ = sys::check_fd(connection, "accept4");
  } while (!try_send(socket_.get(), Kind::page, page) || !await(socket_.get(), Kind::start));
}

bool ChildEnd::is_hung_up() const {
  pollfd watched{socket_.get(), POLLIN, 0};
  return ::poll(&watched, 1, 0) == 1 && (watched.revents & POLLHUP) != 0;
}

void ChildEnd::send_console(int master) { send_with(socket_.get(), Kind::console, master); }

void ChildEnd::send_ready() { send_kind(socket_.get(), Kind::ready); }

void ChildEnd::send_failed(const SetupError& error) noexcept {
  try {
    Wire wire;
    wire.kind = Kind::failed;
    wire.error = error.code().value();
    wire.status = error.status();
    put(wire.stage, error.stage());
    put(wire.doing, error.doing());
    put(wire.hint, error.hint());
    send(socket_.get(), wire);
  } catch (const std::system_error&) {
    // MyDocker is gone; nobody is left to tell.
  }
}

void HostEnd::send_go() { (void)try_send(socket_.get(), Kind::go); }

void HostEnd::send_start() { (void)try_send(socket_.get(), Kind::start); }

void HostEnd::send_hooks_done() { (void)try_send(socket_.get(), Kind::hooks_done); }

bool HostEnd::is_readable(int milliseconds) const {
  pollfd watched{socket_.get(), POLLIN, 0};
  return ::poll(&watched, 1, milliseconds) > 0;
}

HostEnd::Message HostEnd::receive() {
  auto received = mydocker::receive(socket_.get());
  if (!received) return Closed{};
  const Wire& wire = received->wire;
  switch (wire.kind) {
    case Kind::ready:
      return Ready{};
    case Kind::at_hooks:
      return AtHooks{};
    case Kind::page:
      return Page{std::move(received->fd)};
    case Kind::console:
      return Console{std::move(received->fd)};
    case Kind::failed:
      return SetupError(wire.stage.data(), wire.doing.data(), wire.error, wire.hint.data(),
                        wire.status);
    case Kind::go:
    case Kind::start:
    case Kind::hooks_done:
      break;
  }
  return Closed{};
}

Channel Channel::make() {
  std::array<int, 2> ends{};
  sys::check(::socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends.data()), "socketpair");
  return {HostEnd(UniqueFd(ends[0])), ChildEnd(UniqueFd(ends[1]))};
}

}  // namespace mydocker
