// LinuxExecutor: what a process may be given besides: limits, priorities, processors, labels.
#include <fcntl.h>
#include <linux/magic.h>
#include <linux/openat2.h>
#include <sched.h>
#include <sys/personality.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/vfs.h>
#include <unistd.h>

#include <string>

#include "helpers/numbers.hpp"
#include "runtime/linux_executor.hpp"
#include "sys/check.hpp"
#include "sys/files.hpp"

namespace mydocker {
namespace {

// See sched_setattr(2); glibc 2.36 has no wrapper.
struct SchedulingAttributes {
  std::uint32_t size = 56, policy = 0;
  std::uint64_t flags = 0;
  std::int32_t nice = 0;
  std::uint32_t priority = 0;
  std::uint64_t runtime = 0, deadline = 0, period = 0;
  std::uint32_t least = 0, most = 0;
};

// A file of the kernel's own, below `proc` and on the same mount: the container's root, or a mount
// in it, may have a file of that name for which a label means nothing, or something else.
UniqueFd open_attribute(int proc, const char* path) {
  struct statfs type {};
  sys::check(::fstatfs(proc, &type), "fstatfs");
  if (type.f_type != PROC_SUPER_MAGIC) sys::fail(EXDEV, "fstatfs");
  open_how how{};
  how.flags = O_WRONLY | O_CLOEXEC;
  how.resolve = RESOLVE_BENEATH | RESOLVE_NO_MAGICLINKS | RESOLVE_NO_XDEV;
  return UniqueFd(static_cast<int>(::syscall(SYS_openat2, proc, path, &how, sizeof how)));
}

}  // namespace

void LinuxExecutor::act(const SetRlimit& action) {
  const rlimit limit{action.limit.soft, action.limit.hard};
  sys::check(::setrlimit(static_cast<__rlimit_resource>(action.limit.resource), &limit),
             "setrlimit");
}

void LinuxExecutor::act(const SetScheduler& action) {
  const Scheduler& wanted = action.scheduler;
  const SchedulingAttributes attributes{.policy = wanted.policy,
                                        .flags = wanted.flags,
                                        .nice = wanted.nice,
                                        .priority = wanted.priority,
                                        .runtime = wanted.runtime,
                                        .deadline = wanted.deadline,
                                        .period = wanted.period};
  sys::check(::syscall(SYS_sched_setattr, 0, &attributes, 0), "sched_setattr");
}

void LinuxExecutor::act(const SetIoPriority& action) {
  constexpr int kThisProcess = 1, kClassShift = 13;  // IOPRIO_WHO_PROCESS, see ioprio_set(2)
  const int priority = action.priority.io_class << kClassShift | action.priority.level;
  sys::check(::syscall(SYS_ioprio_set, kThisProcess, 0, priority), "ioprio_set");
}

void LinuxExecutor::act(const SetPersonality& action) {
  sys::check(::personality(action.persona), "personality");
}

void LinuxExecutor::act(const SetMemoryPolicy& action) {
  constexpr unsigned kMostNodes = 1024, kBits = 64;
  unsigned long nodes[kMostNodes / kBits] = {};
  const auto wanted = numbers::parse_list(action.policy.nodes, kMostNodes - 1);
  if (!wanted) sys::fail(EINVAL, "set_mempolicy");
  for (const unsigned node : *wanted) nodes[node / kBits] |= 1UL << (node % kBits);
  const unsigned long mode = static_cast<unsigned>(action.policy.mode) | action.policy.flags;
  sys::check(::syscall(SYS_set_mempolicy, mode, wanted->empty() ? nullptr : nodes, kMostNodes + 1),
             "set_mempolicy");
}

void LinuxExecutor::act(const SetAffinity& action) {
  const auto wanted = numbers::parse_list(action.processors, CPU_SETSIZE - 1);
  if (!wanted || wanted->empty()) sys::fail(EINVAL, "sched_setaffinity");
  cpu_set_t processors;
  CPU_ZERO(&processors);
  for (const unsigned processor : *wanted) CPU_SET(processor, &processors);
  sys::check(::sched_setaffinity(0, sizeof processors, &processors), "sched_setaffinity");
}

void LinuxExecutor::act(const SetExecLabel& action) {
  const bool is_apparmor = action.module == "apparmor";
  const UniqueFd proc = sys::open_without_links("/proc", O_PATH);
  // Each module has a folder of its own since Linux 5.8; before, and for SELinux, there is one file.
  UniqueFd file =
      is_apparmor ? open_attribute(proc.get(), "thread-self/attr/apparmor/exec") : UniqueFd();
  if (!file) file = open_attribute(proc.get(), "thread-self/attr/exec");
  if (!file) sys::fail(errno, "openat2");
  const std::string text = is_apparmor ? "exec " + action.label : action.label;
  sys::check(::write(file.get(), text.data(), text.size()), "write");
}

}  // namespace mydocker
