#include "mydocker/runtime.hpp"

#include <fcntl.h>

#include <cerrno>
#include <csignal>

#include "helpers/names.hpp"
#include "mydocker/error.hpp"
#include "runtime/channel.hpp"
#include "runtime/child.hpp"
#include "runtime/context.hpp"
#include "runtime/starting.hpp"
#include "runtime/supervisor.hpp"
#include "sys/check.hpp"
#include "sys/processes.hpp"

namespace mydocker {

struct Runtime::Child {
  HostEnd channel;
  UniqueFd pidfd;
  UniqueFd terminal;  // the pty's master
  std::uint64_t started = 0;
  bool reaped = false;
};

Runtime::Runtime(const Plan& plan, Executor& executor, Context& context)
    : plan_(plan), executor_(executor), context_(context) {
  if (context_.page == nullptr) context_.page = SharedPage::make();
}

Runtime::~Runtime() { destroy(); }

void Runtime::perform_on_host(const std::vector<Step>& steps) {
  for (const auto& step : steps) {
    // Logged first: a step that fails half way is undone too. The executor takes back only what it
    // made itself: a record or cgroup of that name that was there before is another's.
    for (const auto& action : step.undo) undo_log_.push_back(&action);
    executor_.perform(step);
  }
}

void Runtime::create(Gate gate) {
  // A caller may have left SIGCHLD ignored: the kernel would then reap the child before we can ask.
  ::signal(SIGCHLD, SIG_DFL);
  sigset_t all;
  ::sigfillset(&all);
  ::sigprocmask(SIG_BLOCK, &all, nullptr);
  perform_on_host(plan_.prepare);
  if (context_.after_prepare) context_.after_prepare();
  clone_child(gate);
  context_.start_socket.reset();  // the child's alone
  perform_on_host(plan_.attach);
  child_->channel.send_go();
  await_ready();
  perform_on_host(plan_.finish);
  if (gate == Gate::open && !plan_.finish.empty()) start();
}

void Runtime::clone_child(Gate gate) {
  try {
    UniqueFd cgroup;
    if (!plan_.born_in.empty()) {
      cgroup =
          sys::check_fd(::open(plan_.born_in.c_str(), O_DIRECTORY | O_PATH | O_CLOEXEC), "open");
    }
    Channel channel = Channel::make();
    const std::uint64_t started = sys::monotonic_time();
    context_.gate = gate == Gate::closed || !plan_.finish.empty();
    sys::Cloned cloned = clone(cgroup.get());
    if (cloned.pid == 0) {
      channel.host.close();
      child_main(plan_, executor_, context_, channel.child);
    }
    context_.child = cloned.pid;
    child_ = std::make_unique<Child>();
    child_->channel = std::move(channel.host);
    child_->pidfd = std::move(cloned.pidfd);
    child_->started = started;
  } catch (const std::system_error& error) {
    const int number = error.code().value();
    // Born into a cgroup whose limit leaves no room for a process at all.
    if (number == ENOMEM && !plan_.born_in.empty()) setup_was_killed(Reason::oom);
    std::string hint = advice_for(number);
    if (number == EPERM)
      hint = "new namespaces need root: 'MyDocker doctor' says what this host allows";
    if (number == ENOSPC) hint = "a limit of /proc/sys/user/max_*_namespaces is reached";
    throw SetupError("runtime", "clone3 with " + names::clone_flags(plan_.clone_flags), number,
                     hint);
  }
}

sys::Cloned Runtime::clone(int cgroup) const {
  if (plan_.join_first == 0) return sys::clone_into(plan_.clone_flags, cgroup);
  std::vector<int> joined;
  for (const auto& opened : context_.namespaces) {
    if ((opened.type & plan_.join_first) != 0) joined.push_back(opened.fd.get());
  }
  return sys::clone_through(joined, plan_.clone_flags, cgroup);
}

void Runtime::setup_was_killed(Reason reason) {
  killed_in_setup_ = Outcome{.reason = reason, .status = exit_status::kKilled, .signal = SIGKILL};
  throw SetupError("runtime", "set up the container: the child was killed", 0,
                   "if it was the kernel for lack of memory, raise the memory limit");
}

void Runtime::await_ready() {
  for (;;) {
    auto message = child_->channel.receive();
    if (std::holds_alternative<HostEnd::Ready>(message)) return;
    if (std::holds_alternative<HostEnd::AtHooks>(message)) {
      perform_on_host(plan_.meanwhile);
      child_->channel.send_hooks_done();
      continue;
    }
    if (auto* const console = std::get_if<HostEnd::Console>(&message)) {
      child_->terminal = std::move(console->master);
    } else if (const auto* const error = std::get_if<SetupError>(&message)) {
      throw SetupError(*error);
    } else {
      const sys::Ended ended = sys::wait_for(child_->pidfd.get());
      child_->reaped = true;
      if (ended.by_signal && ended.value == SIGKILL) setup_was_killed(Reason::signal);
      throw SetupError("runtime", "set up the container: the child ended without a word", 0, "");
    }
  }
}

void Runtime::await_exec(const std::function<void(UniqueFd, pid_t)>& on_listener) {
  mydocker::await_exec(child_->channel, *context_.page, context_.child,
                       describe(plan_.enter.back().action), on_listener);
}

int Runtime::terminal() const { return child_->terminal.get(); }

Runtime::Kept Runtime::release() {
  undo_log_.clear();
  Kept kept{std::move(child_->pidfd), std::move(child_->terminal)};
  child_.reset();
  return kept;
}

void Runtime::start() { child_->channel.send_start(); }

Outcome Runtime::wait(const Supervision& supervision) {
  UniqueFd listener;
  if (supervision.answer_call)
    listener = take_listener(child_->channel, *context_.page, context_.child);
  Supervisor supervisor(child_->pidfd.get(), context_.child, std::move(child_->terminal),
                        std::move(listener), supervision, context_.has_helpers);
  supervisor.run();
  const sys::Ended ended = sys::wait_for(child_->pidfd.get());
  child_->reaped = true;
  check_exec(*context_.page, describe(plan_.enter.back().action));
  if (!ended.by_signal && ended.value == exit_status::kFailure) throw_what_failed();
  return outcome_of(ended, context_.page->init_status, supervisor,
                    sys::monotonic_time() - child_->started);
}

// A step between Ready and execve fails with a message too; the entrypoint's own 125 comes without.
void Runtime::throw_what_failed() {
  const auto message = child_->channel.receive();
  if (const auto* const error = std::get_if<SetupError>(&message)) throw SetupError(*error);
}

bool Runtime::destroy() noexcept {
  if (child_ && !child_->reaped) {
    sys::send_signal(child_->pidfd.get(), SIGKILL);
    try {
      (void)sys::wait_for(child_->pidfd.get());
    } catch (const std::system_error&) {
      // Nothing to wait for.
    }
  }
  child_.reset();
  bool all_undone = true;
  while (!undo_log_.empty()) {
    const Action& action = *undo_log_.back();
    undo_log_.pop_back();
    // With something left behind the record stays, unlocked: the next start sweeps what it names.
    if (std::holds_alternative<RemoveRecord>(action) && !all_undone) continue;
    all_undone = executor_.undo(action) && all_undone;
  }
  return all_undone;
}

}  // namespace mydocker
