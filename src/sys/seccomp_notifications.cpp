#include "sys/seccomp_notifications.hpp"

#include <sys/ioctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <csignal>

#include "sys/check.hpp"

namespace mydocker::sys {
namespace {

// The thread waits in the kernel for our answer, so its number is still its own.
void kill_caller(int listener, const seccomp_notif& call) {
  std::uint64_t id = call.id;
  if (::ioctl(listener, SECCOMP_IOCTL_NOTIF_ID_VALID, &id) == 0)
    ::syscall(SYS_tkill, call.pid, SIGKILL);
}

}  // namespace

void answer_next_call(int listener, const AnswerCall& answer) {
  seccomp_notif call{};
  if (::ioctl(listener, SECCOMP_IOCTL_NOTIF_RECV, &call) < 0) {
    if (errno == ENOENT || errno == EINTR) return;
    fail(errno, "ioctl");
  }
  const CallAnswer given = answer({call.data, static_cast<pid_t>(call.pid)});
  seccomp_notif_resp response{};
  response.id = call.id;
  switch (given.kind) {
    case CallAnswer::Kind::go_on:
      response.flags = SECCOMP_USER_NOTIF_FLAG_CONTINUE;
      break;
    case CallAnswer::Kind::kill:
      kill_caller(listener, call);
      [[fallthrough]];
    case CallAnswer::Kind::refuse:
      response.error = -given.error;
  }
  if (::ioctl(listener, SECCOMP_IOCTL_NOTIF_SEND, &response) < 0 && errno != ENOENT &&
      errno != EINPROGRESS)
    fail(errno, "ioctl");
}

}  // namespace mydocker::sys
