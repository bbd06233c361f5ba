#include "sys/descriptors.hpp"

#include <fcntl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <unistd.h>

#include <array>
#include <cstring>

#include "sys/check.hpp"
#include "sys/files.hpp"

namespace mydocker::sys {
namespace {

// A path of more than 108 bytes is reached by a descriptor of its folder.
sockaddr_un address_of(const std::string& path, UniqueFd& folder) {
  sockaddr_un out{};
  out.sun_family = AF_UNIX;
  std::string shorter = path;
  if (path.size() >= sizeof out.sun_path) {
    const auto slash = path.rfind('/');
    folder = check_fd(::open(path.substr(0, slash + 1).c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC),
                      "open");
    shorter = "/proc/self/fd/" + std::to_string(folder.get()) + path.substr(slash);
  }
  if (shorter.size() >= sizeof out.sun_path) fail(ENAMETOOLONG, "connect");
  std::memcpy(out.sun_path, shorter.c_str(), shorter.size() + 1);
  return out;
}

}  // namespace

void send_descriptor(const std::string& path, int fd, std::string_view text) {
  const UniqueFd socket = check_fd(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0), "socket");
  UniqueFd folder;
  const sockaddr_un address = address_of(path, folder);
  check(::connect(socket.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address),
        "connect");
  iovec part{const_cast<char*>(text.data()), text.size()};
  msghdr message{};
  message.msg_iov = &part;
  message.msg_iovlen = 1;
  alignas(cmsghdr) std::array<char, CMSG_SPACE(sizeof(int))> control{};
  message.msg_control = control.data();
  message.msg_controllen = control.size();
  cmsghdr* const header = CMSG_FIRSTHDR(&message);
  header->cmsg_level = SOL_SOCKET;
  header->cmsg_type = SCM_RIGHTS;
  header->cmsg_len = CMSG_LEN(sizeof(int));
  std::memcpy(CMSG_DATA(header), &fd, sizeof fd);
  const auto sent = check(::sendmsg(socket.get(), &message, MSG_NOSIGNAL), "sendmsg");
  write_all(socket.get(), text.substr(static_cast<std::size_t>(sent)));
}

UniqueFd copy_descriptor(int pidfd, int number) {
  return check_fd(::syscall(SYS_pidfd_getfd, pidfd, number, 0), "pidfd_getfd");
}

void close_from(unsigned first) { check(::close_range(first, ~0U, 0), "close_range"); }

}  // namespace mydocker::sys
