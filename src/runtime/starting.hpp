// The last stretch: from the start to the entrypoint's exec.
#pragma once

#include <sys/types.h>

#include <functional>
#include <string>

#include "mydocker/unique_fd.hpp"
#include "runtime/channel.hpp"
#include "runtime/shared_page.hpp"

namespace mydocker {

using OnListener = std::function<void(UniqueFd listener, pid_t pid)>;

// Waits until the child `pid` behind `channel` has executed its entrypoint, which `doing` says in
// words: then the channel is at its end. If it has a seccomp listener, `on_listener` gets it meanwhile. Throws SetupError: what
// the child could not do, or why execve failed.
void await_exec(HostEnd& channel, SharedPage& page, pid_t pid, const std::string& doing,
                const OnListener& on_listener);

// Waits until the child `pid` has loaded a filter whose listener is MyDocker, and takes that over;
// empty if the child ends before.
[[nodiscard]] UniqueFd take_listener(const HostEnd& channel, SharedPage& page, pid_t pid);

// Throws SetupError if `page` says that execve failed.
void check_exec(const SharedPage& page, const std::string& doing);

}  // namespace mydocker
