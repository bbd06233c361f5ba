#include "oci/lifecycle.hpp"

#include <poll.h>
#include <unistd.h>

#include <csignal>

#include "helpers/text.hpp"
#include "mydocker/error.hpp"
#include "sys/cgroup_tasks.hpp"
#include "sys/cgroups.hpp"
#include "sys/files.hpp"
#include "sys/processes.hpp"
#include "sys/systemd.hpp"

namespace mydocker::oci {
namespace {

// The folder of the hierarchy that can stop processes; all of them know who is in them. Empty if
// the container has no cgroup.
std::string tasks_folder(const State& state) {
  for (const char* const freezer : {"/freezer.state", "/cgroup.freeze"}) {
    for (const auto& cgroup : state.cgroups) {
      if (sys::exists(cgroup.folder() + freezer)) return cgroup.folder();
    }
  }
  return {};
}

}  // namespace

void kill_container(const Container& container, const State& state) {
  const UniqueFd init = container.open_init();
  if (init) sys::send_signal(init.get(), SIGKILL);
  // Where the PID namespace is not its own the others do not end with the first.
  signal_all(state, SIGKILL);
  if (!init) return;
  constexpr int kMilliseconds = 10000;
  pollfd ended{init.get(), POLLIN, 0};
  if (::poll(&ended, 1, kMilliseconds) == 0)
    throw SetupError("oci", "kill the container: its first process does not end", ETIMEDOUT,
                     "a process that waits for a disk or a network file system cannot be killed");
}

bool signal_all(const State& state, int signal) {
  const std::string folder = tasks_folder(state);
  if (folder.empty() || sys::processes_in(folder).empty()) return false;
  sys::signal_all(folder, signal);
  return true;
}

void remove_cgroups(const State& state) {
  if (!state.systemd_unit.empty()) {
    try {
      sys::stop_unit(sys::own_systemd(), state.systemd_unit);
    } catch (const sys::SystemdError& error) {
      throw SetupError("cgroup", std::string("stop the unit: ") + error.what(), 0, error.hint());
    }
  }
  for (auto cgroup = state.cgroups.rbegin(); cgroup != state.cgroups.rend(); ++cgroup) {
    if (sys::remove_cgroup(cgroup->top, cgroup->path)) continue;
    throw SetupError("cgroup", "remove the cgroup " + cgroup->folder(), EBUSY,
                     "a process in it does not end");
  }
}

void remove_folders(const State& state) {
  for (auto folder = state.folders.rbegin(); folder != state.folders.rend(); ++folder) {
    if (::rmdir(folder->c_str()) == 0 || errno == ENOENT) continue;
    throw SetupError("oci", "remove the folder " + *folder, errno, "");
  }
}

void freeze(const State& state) { sys::freeze(tasks_folder(state)); }

void thaw(const State& state) {
  const std::string folder = tasks_folder(state);
  if (!folder.empty() && sys::is_frozen(folder)) sys::thaw(folder);
}

std::vector<pid_t> processes_of(const Container& container, const State& state) {
  const std::string folder = tasks_folder(state);
  if (!folder.empty()) return sys::processes_in(folder);
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
