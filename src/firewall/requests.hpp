// What the two programs are asked, over their standard input: see Coprocess in src/sys.
#pragma once

#include <fcntl.h>
#include <sched.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <cstdint>
#include <cstring>
#include <stdexcept>
#include <string>
#include <vector>

namespace mydocker::firewall {

[[noreturn]] inline void fail(const std::string& what) {
  throw std::runtime_error(what + ": " + std::strerror(errno));
}

inline void say(const std::string& text) {
  (void)!::write(STDERR_FILENO, text.data(), text.size());
}

class Requests {
 public:
  // The next one's words; false: there is none any more, or whoever asked has ended.
  bool next(std::vector<std::string>& words) {
    std::uint32_t size = 0;
    if (!receive(&size, sizeof size)) return false;
    std::string bytes(size, '\0');
    if (!receive(bytes.data(), size)) return false;
    words.clear();
    for (std::size_t at = 0; at < bytes.size(); at += words.back().size() + 1)
      words.emplace_back(bytes.c_str() + at);
    return true;
  }

  // Enters the network that the request's first word names: "0" this one, "passed" that of the
  // descriptor that came along, else a process's. False: it was in that already.
  bool enter_network(const std::string& whose) {
    if (whose == "0") return false;
    const std::string path = "/proc/" + whose + "/ns/net";
    const int fd = whose == "passed" ? passed_ : ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
    if (fd < 0) fail(path);
    if (::setns(fd, CLONE_NEWNET) < 0) {
      if (errno != EPERM) fail("setns");
      enter_owner_of(fd);
      if (::setns(fd, CLONE_NEWNET) < 0) fail("setns");
    }
    if (fd != passed_) ::close(fd);
    return true;
  }

  // Lets go of what came with the request, which may be a lock, and says that it is done.
  void done(const std::string& answer = {}) {
    if (passed_ >= 0) ::close(passed_);
    passed_ = -1;
    (void)!::send(STDIN_FILENO, answer.c_str(), answer.size() + 1, MSG_NOSIGNAL);
  }

 private:
  // Without root: whoever made the user namespace that a network belongs to has its capabilities
  // inside.
  static void enter_owner_of(int network) {
    constexpr unsigned long kOwner = 0xb701;  // NS_GET_USERNS, see ioctl_ns(2)
    const int owner = ::ioctl(network, kOwner);
    if (owner < 0) fail("ioctl_ns");
    if (::setns(owner, CLONE_NEWUSER) < 0) fail("setns");
    ::close(owner);
  }

  bool receive(void* to, std::size_t size) {
    for (std::size_t at = 0; at < size;) {
      iovec part{static_cast<char*>(to) + at, size - at};
      alignas(cmsghdr) char control[CMSG_SPACE(sizeof passed_)];
      msghdr message{};
      message.msg_iov = &part;
      message.msg_iovlen = 1;
      message.msg_control = control;
      message.msg_controllen = sizeof control;
      const ssize_t got = ::recvmsg(STDIN_FILENO, &message, MSG_CMSG_CLOEXEC);
      if (got <= 0) return false;
      at += static_cast<std::size_t>(got);
      const cmsghdr* const head = CMSG_FIRSTHDR(&message);
      if (head != nullptr && head->cmsg_type == SCM_RIGHTS)
        std::memcpy(&passed_, CMSG_DATA(head), sizeof passed_);
    }
    return true;
  }

  int passed_ = -1;
};

}  // namespace mydocker::firewall
