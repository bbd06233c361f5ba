#include "sys/coprocess.hpp"

#include <fcntl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdint>
#include <cstring>

#include "sys/carried.hpp"
#include "sys/check.hpp"
#include "sys/files.hpp"

namespace mydocker::sys {
namespace {

constexpr std::size_t kMostWords = 16384;  // of what a program says, in bytes

// With the descriptor `passed`, if there is one, beside the first byte. False: nobody reads any more.
bool send(int socket, std::string_view bytes, int passed) {
  while (!bytes.empty()) {
    iovec part{const_cast<char*>(bytes.data()), bytes.size()};
    alignas(cmsghdr) std::array<char, CMSG_SPACE(sizeof passed)> control{};
    msghdr message{};
    message.msg_iov = &part;
    message.msg_iovlen = 1;
    if (passed >= 0) {
      message.msg_control = control.data();
      message.msg_controllen = control.size();
      cmsghdr* const head = CMSG_FIRSTHDR(&message);
      head->cmsg_level = SOL_SOCKET;
      head->cmsg_type = SCM_RIGHTS;
      head->cmsg_len = CMSG_LEN(sizeof passed);
      std::memcpy(CMSG_DATA(head), &passed, sizeof passed);
    }
    const ssize_t sent = ::sendmsg(socket, &message, MSG_NOSIGNAL);
    if (sent < 0 && errno == EPIPE) return false;
    bytes.remove_prefix(static_cast<std::size_t>(check(sent, "sendmsg")));
    passed = -1;
  }
  return true;
}

}  // namespace

Coprocess::Coprocess(std::string_view program, const std::vector<std::string>& words) {
  const UniqueFd memory = carried_in_memory(program, words.front().c_str());
  std::array<int, 2> ends{}, pipe{};
  check(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends.data()), "socketpair");
  socket_ = UniqueFd(ends[0]);
  const UniqueFd theirs(ends[1]);
  check(::pipe2(pipe.data(), O_CLOEXEC), "pipe2");
  errors_ = UniqueFd(pipe[0]);
  const UniqueFd said(pipe[1]);
  std::vector<char*> argv;
  for (const auto& word : words) argv.push_back(const_cast<char*>(word.c_str()));
  argv.push_back(nullptr);
  char* const none[] = {nullptr};
  Cloned child = clone_into(0, -1);
  if (child.pid == 0) {
    ::dup2(theirs.get(), STDIN_FILENO);
    for (const int standard : {STDOUT_FILENO, STDERR_FILENO}) ::dup2(said.get(), standard);
    ::syscall(SYS_execveat, memory.get(), "", argv.data(), none, AT_EMPTY_PATH);
    ::_exit(kNotRun);
  }
  pidfd_ = std::move(child.pidfd);
}

void Coprocess::ask(const std::vector<std::string>& words, int passed) const {
  std::string bytes(sizeof(std::uint32_t), '\0');
  for (const auto& word : words) bytes.append(word).push_back('\0');
  const auto size = static_cast<std::uint32_t>(bytes.size() - sizeof(std::uint32_t));
  std::memcpy(bytes.data(), &size, sizeof size);
  (void)send(socket_.get(), bytes, passed);
}

Finished Coprocess::next_answer() {
  Finished out;
  std::array<char, 4096> bytes{};
  for (auto end = unread_.find('\0');; end = unread_.find('\0')) {
    if (end != std::string::npos) {
      out.output = unread_.substr(0, end);
      unread_.erase(0, end + 1);
      return out;
    }
    const ssize_t size = ::recv(socket_.get(), bytes.data(), bytes.size(), 0);
    if (size < 0 && errno != ECONNRESET) fail(errno, "recv");
    if (size <= 0) break;
    unread_.append(bytes.data(), static_cast<std::size_t>(size));
  }
  out.output = read_all(errors_.get(), kMostWords);
  errors_.reset();  // what it says beyond that is lost, and must not keep it waiting
  out.status = status_of(wait_for(pidfd_.get()));
  pidfd_.reset();
  return out;
}

void Coprocess::end() {
  socket_.reset();
  if (pidfd_) (void)wait_for(pidfd_.get());
  pidfd_.reset();
}

}  // namespace mydocker::sys
