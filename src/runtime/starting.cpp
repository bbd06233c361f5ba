#include "runtime/starting.hpp"

#include <cerrno>

#include "mydocker/error.hpp"
#include "sys/check.hpp"
#include "sys/descriptors.hpp"
#include "sys/processes.hpp"

namespace mydocker {
namespace {

constexpr int kMillisecond = 1;

// The child spins until this is done, so it is looked for often.
void pass_listener(SharedPage& page, pid_t pid, const OnListener& on_listener) {
  const UniqueFd process = sys::open_process(pid);
  if (!process) sys::fail(ESRCH, "pidfd_open");
  on_listener(sys::copy_descriptor(process.get(), page.listener - 1), pid);
  page.listener_taken = 1;
}

}  // namespace

void check_exec(const SharedPage& page, const std::string& doing) {
  const int error = page.exec_errno;
  if (error == 0) return;
  // What modes and formats have to say about it was asked before.
  const char* const hint =
      error == EACCES ? "with --landlock-ro and --landlock-rw the program and its interpreter have "
                        "to be among the paths"
                      : "";
  throw SetupError("exec", doing + ": execve", error, hint,
                   error == ENOENT ? exit_status::kNotFound : exit_status::kNotExecutable);
}

UniqueFd take_listener(const HostEnd& channel, SharedPage& page, pid_t pid) {
  UniqueFd out;
  while (page.listener == 0) {
    // A last look: the child may have written it and gone on to its end in between.
    if (channel.is_readable(kMillisecond) && page.listener == 0) return out;
  }
  pass_listener(page, pid, [&out](UniqueFd listener, pid_t) { out = std::move(listener); });
  return out;
}

void await_exec(HostEnd& channel, SharedPage& page, pid_t pid, const std::string& doing,
                const OnListener& on_listener) {
  bool is_passed = !on_listener;
  while (!is_passed && !channel.is_readable(kMillisecond)) {
    if (page.listener == 0) continue;
    pass_listener(page, pid, on_listener);
    is_passed = true;
  }
  const auto message = channel.receive();
  if (const auto* const error = std::get_if<SetupError>(&message)) throw SetupError(*error);
  check_exec(page, doing);
}

}  // namespace mydocker
