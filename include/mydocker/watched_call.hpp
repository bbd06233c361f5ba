// A system call that the filter asks MyDocker about, while its caller waits. See seccomp_unotify(2).
#pragma once

#include <linux/seccomp.h>
#include <sys/types.h>

#include <cerrno>
#include <functional>

namespace mydocker {

struct WatchedCall {
  seccomp_data data{};
  pid_t thread = 0;  // as the host counts
};

// What becomes of it. The kernel goes on only with what it would have allowed by itself: meanwhile
// the caller may change what the arguments point to.
struct CallAnswer {
  enum class Kind { refuse, go_on, kill } kind = Kind::refuse;
  int error = EPERM;  // of refuse
};

using AnswerCall = std::function<CallAnswer(const WatchedCall&)>;

}  // namespace mydocker
