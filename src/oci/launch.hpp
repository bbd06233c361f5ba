// From a bundle to a container that is created: what `create` and `run` have in common.
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "mydocker/runtime.hpp"
#include "oci/config/load.hpp"
#include "oci/options.hpp"
#include "oci/store.hpp"
#include "oci/verbs.hpp"
#include "runtime/context.hpp"
#include "runtime/linux_executor.hpp"

namespace mydocker::oci {

// The flags that `create`, `run` and `exec` share.
inline constexpr Flag kConsoleSocket{"console-socket", 0, true,
                                     "PATH: the socket that takes the terminal's other end"};
inline constexpr Flag kPidFile{"pid-file", 0, true, "FILE: takes the number of the process"};
inline constexpr Flag kPreserveFds{"preserve-fds", 0, true,
                                   "N: so many descriptors from 3 on are passed on"};

class Launch {
 public:
  // Reads the bundle and plans; nothing is made. With a closed gate the container waits for `start`.
  // Throws ConfigError, UsageError, SetupError.
  Launch(const Surroundings& around, const Arguments& arguments, Gate gate);
  ~Launch();

  // Makes the container. What fails half way is taken back, and thrown.
  void create();
  // Waits until the entrypoint runs, then runs the poststart hooks.
  void await_exec();
  // The container goes on without this process.
  void release();
  // Takes everything back: processes, cgroups, state. Runs the poststop hooks.
  void destroy() noexcept;

  [[nodiscard]] const ContainerSpec& spec() const { return config_.spec; }
  [[nodiscard]] Runtime& runtime() { return *runtime_; }
  // Whether somebody else gets the terminal's other end.
  [[nodiscard]] bool gives_terminal_away() const { return console_socket_.has_value(); }

 private:
  void make_state();
  void make_context();
  void hand_over();

  const Surroundings& around_;
  Gate gate_;
  std::optional<std::string> console_socket_, pid_file_;
  std::string bundle_, text_;
  LoadedConfig config_;
  HostFacts facts_;
  Plan plan_;
  State state_;
  std::optional<Container> container_;
  Context context_;
  LinuxExecutor executor_;
  std::unique_ptr<Runtime> runtime_;
};

// Sends the descriptor `terminal` over the socket at `path`. Throws SetupError.
void send_terminal(const std::string& path, int terminal);

// Writes `pid` into `path`, all at once. Throws SetupError.
void write_pid_file(const std::string& path, pid_t pid);

// The descriptors from 3 on that are kept, `besides` more than were asked for; throws UsageError if
// one of them is not open.
[[nodiscard]] std::vector<unsigned> kept_descriptors(const Arguments& arguments,
                                                     unsigned besides = 0);

// Runs hooks on the host; the first that fails throws.
void run_hooks(const std::vector<Hook>& hooks, std::string_view point, const State& state,
               std::string_view status, pid_t pid);

// Those of poststop: what fails is warned of.
void run_poststop(const std::vector<Hook>& hooks, const State& state, Log& log) noexcept;

}  // namespace mydocker::oci
