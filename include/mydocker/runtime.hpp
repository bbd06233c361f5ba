// The owner of everything that lives: child, sockets, the undo log. run = create, start, wait,
// destroy.
#pragma once

#include <chrono>
#include <csignal>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "mydocker/executor.hpp"
#include "mydocker/outcome.hpp"
#include "mydocker/plan.hpp"
#include "mydocker/unique_fd.hpp"
#include "mydocker/watched_call.hpp"

namespace mydocker {

struct Context;
namespace sys {
struct Cloned;
}

enum class Gate {
  open,    // the child goes on to its entrypoint by itself
  closed,  // it waits for start(), as OCI's create wants it
};

// Something that MyDocker reads while the container runs: `take` takes what is there, without waiting
// for more.
struct Stream {
  int fd = -1;
  std::function<void()> take;
};

struct Supervision {
  std::optional<std::chrono::milliseconds> timeout;
  int stop_signal = SIGTERM;  // what the end of that time sends first
  // Signals have their ordinary effect inside: PID 1 forwards them (--init), or it is not for us to
  // kill what the kernel lets ignore them.
  bool signals_reach = false;
  // Answers the calls that the filter asks about, if its listener is MyDocker.
  AnswerCall answer_call;
  // A pidfd of a program that the container needs while it runs, or -1; what is done when it ends.
  int companion = -1;
  std::function<void()> on_companion_end;
  std::vector<Stream> streams;  // at most two
  bool is_typed_at = true;      // standard input is for the container's terminal
};

class Runtime {
 public:
  // `plan` and `executor` outlive the runtime; `context` is what the executor performs with.
  Runtime(const Plan& plan, Executor& executor, Context& context);
  ~Runtime();
  Runtime(const Runtime&) = delete;
  Runtime& operator=(const Runtime&) = delete;

  // Performs prepare, clones, performs attach, and returns when the child is ready. Blocks all
  // signals of this process first and for good: wait() takes them in. Throws SetupError; what was
  // made is undone by destroy().
  void create(Gate gate);

  // Lets a child behind a closed gate go on.
  void start();

  // Waits until the entrypoint has been executed. `on_listener` gets the descriptor of a seccomp
  // listener, if the plan's filter has one. Throws SetupError.
  void await_exec(const std::function<void(UniqueFd, pid_t)>& on_listener);

  // The pty's master, still owned here; -1 if there is none.
  [[nodiscard]] int terminal() const;

  // Forwards signals and the terminal until PID 1 has ended. Throws SetupError if execve itself
  // failed.
  [[nodiscard]] Outcome wait(const Supervision& supervision);

  // What is left of a child that goes on without us: it is neither ended nor undone any more.
  struct Kept {
    UniqueFd pidfd;
    UniqueFd terminal;  // the pty's master, if there is one
  };
  [[nodiscard]] Kept release();

  // The outcome if the child was killed during set-up, after create() threw: 137, for a limit too
  // small to start.
  [[nodiscard]] std::optional<Outcome> killed_in_setup() const { return killed_in_setup_; }

  // Ends the child if it still runs and takes back every host step, the last one first. False if
  // one of them could not be taken back.
  bool destroy() noexcept;

 private:
  struct Child;

  void perform_on_host(const std::vector<Step>& steps);
  void clone_child(Gate gate);
  [[nodiscard]] sys::Cloned clone(int cgroup) const;
  void await_ready();
  void throw_what_failed();
  [[noreturn]] void setup_was_killed(Reason reason);

  const Plan& plan_;
  Executor& executor_;
  Context& context_;
  std::unique_ptr<Child> child_;
  std::vector<const Action*> undo_log_;
  std::optional<Outcome> killed_in_setup_;
};

}  // namespace mydocker
