#include "oci/lifecycle.hpp"

#include <poll.h>

#include <algorithm>
#include <csignal>

#include "helpers/numbers.hpp"
#include "helpers/text.hpp"
#include "mydocker/error.hpp"
#include "sys/cgroups.hpp"
#include "sys/files.hpp"
#include "sys/processes.hpp"

namespace mydocker::oci {

void kill_container(const Container& container, const State& state) {
  const UniqueFd init = container.open_init();
  if (init) sys::send_signal(init.get(), SIGKILL);
  // Where the PID namespace is not its own the others do not end with the first.
  signal_all(state, SIGKILL);
  thaw(state);
  if (!init) return;
  constexpr int kMilliseconds = 10000;
  pollfd ended{init.get(), POLLIN, 0};
  if (::poll(&ended, 1, kMilliseconds) == 0)
    throw SetupError("oci", "kill the container: its first process does not end", ETIMEDOUT,
                     "a process that waits for a disk or a network file system cannot be killed");
}

bool signal_all(const State& state, int signal) {
  std::vector<pid_t> seen;
  for (const auto& cgroup : state.cgroups) {
    for (const pid_t pid : sys::processes_in(cgroup.folder())) {
      if (std::find(seen.begin(), seen.end(), pid) != seen.end()) continue;
      seen.push_back(pid);
      ::kill(pid, signal);
    }
  }
  if (signal == SIGKILL) thaw(state);
  return !seen.empty();
}

void remove_cgroups(const State& state) {
  for (auto cgroup = state.cgroups.rbegin(); cgroup != state.cgroups.rend(); ++cgroup) {
    if (sys::remove_cgroup(cgroup->top, cgroup->path)) continue;
    throw SetupError("cgroup", "remove the cgroup " + cgroup->folder(), EBUSY,
                     "a process in it does not end");
  }
}

void freeze(const State& state) {
  for (const auto& cgroup : state.cgroups) sys::freeze(cgroup.folder());
}

void thaw(const State& state) {
  for (const auto& cgroup : state.cgroups) sys::thaw(cgroup.folder());
}

std::vector<pid_t> processes_of(const Container& container, const State& state) {
  for (const auto& cgroup : state.cgroups) {
    auto found = sys::processes_in(cgroup.folder());
    if (!found.empty()) return found;
  }
  const auto init = container.init();
  return init && container.open_init() ? std::vector<pid_t>{init->pid} : std::vector<pid_t>{};
}

LoadedConfig stored_config(const Container& container, const State& state) {
  return load_config(container.read_config(), {.id = state.id, .bundle = state.bundle});
}

std::vector<Hook> stored_poststop(const Container& container, const State& state) {
  try {
    if (container.read_config().find("\"poststop\"") == std::string::npos) return {};
    return stored_config(container, state).spec.hooks.poststop;
  } catch (const std::system_error&) {
    return {};  // its maker died before it was written
  }
}

}  // namespace mydocker::oci
