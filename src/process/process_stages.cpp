// Kernel idea   a process is more than its memory: keyring, signals, umask, session, terminal,
//               descriptors.
// We ask        each of them reset or made new, then execve.
// Order         what needs privileges or /proc/self before the capability drop; the lookup of the
//               entrypoint after it, as the user who will run it; nothing between the filter and
//               execve.
// If it fails   126 not executable, 127 not found, as a shell says it.
// Man page      credentials(7), setsid(2), execve(2)
#include "process/process_stages.hpp"

#include <sys/resource.h>
#include <algorithm>

namespace mydocker::process {
namespace {

constexpr std::string_view kPathVariable = "PATH=";

std::string container_path(const Process& process) {
  for (const auto& variable : process.environment) {
    if (variable.starts_with(kPathVariable)) return variable.substr(kPathVariable.size());
  }
  return {};
}

// A file that is made in the host's /dev would stay there.
ConsoleFile console_of(const ContainerSpec& spec) {
  if (spec.namespaces.mount.is_joined()) return ConsoleFile::untouched;
  return spec.brings_its_own_dev() ? ConsoleFile::bound : ConsoleFile::made;
}

Step session_step(const Process& process, ConsoleFile console) {
  if (!process.terminal) {
    return {NewSession{}, "no controlling terminal: nothing can be typed into the host's", {}, {}};
  }
  return {OpenTerminal{process.terminal->on_terminal, process.terminal->rows,
                       process.terminal->columns, process.user.uid, console},
          "a pseudo-terminal of the container's own, as controlling terminal of a new session",
          {},
          {}};
}

// Whether the filter lets a 32-bit program make calls at all.
bool may_be_32_bit(const SeccompChoice& seccomp) {
  if (const auto* const choice = std::get_if<DefaultAllowlist>(&seccomp)) return choice->abi32;
  if (const auto* const profile = std::get_if<SeccompProfile>(&seccomp)) {
    const auto& listed = profile->architectures;
    return std::any_of(listed.begin(), listed.end(), [](const std::string& name) {
      return name == "SCMP_ARCH_X86" || name == "SCMP_ARCH_X32" || name == "SCMP_ARCH_ARM";
    });
  }
  return std::holds_alternative<Unconfined>(seccomp);
}

// What a process may be given besides, each only if it was asked for.
template <class Add>
void attributes(const Process& process, const Add& add) {
  constexpr std::string_view kWhy = "asked for";
  if (process.scheduler) add(SetScheduler{*process.scheduler}, kWhy);
  if (process.io_priority) add(SetIoPriority{*process.io_priority}, kWhy);
  if (!process.final_affinity.empty()) add(SetAffinity{process.final_affinity}, kWhy);
  if (process.memory_policy) add(SetMemoryPolicy{*process.memory_policy}, kWhy);
  if (process.personality) add(SetPersonality{*process.personality}, kWhy);
  if (!process.apparmor_profile.empty())
    add(SetExecLabel{"apparmor", process.apparmor_profile}, kWhy);
  if (!process.selinux_label.empty()) add(SetExecLabel{"selinux", process.selinux_label}, kWhy);
}

}  // namespace

StagePlan plan_limits(const ContainerSpec& spec, const HostFacts&) {
  const Process& process = spec.process;
  StagePlan out;
  const auto add = [&](Action action, std::string_view why) {
    out.enter.push_back({std::move(action), why, {}, {}});
  };
  if (!process.initial_affinity.empty()) {
    out.prepare.push_back({SetAffinity{process.initial_affinity},
                           "asked for while the process joins: the child inherits it",
                           {},
                           {}});
  }
  if (process.oom_score_adj) {
    out.attach.push_back({WriteFile{"/proc/" + std::string(kChild) + "/oom_score_adj",
                                    std::to_string(*process.oom_score_adj)},
                          "whom the kernel kills first when the host runs out of memory",
                          {},
                          {}});
  }
  if (process.new_keyring)
    add(JoinSessionKeyring{}, "the host's session keyring, and the keys in it, stay outside");
  add(ResetSignals{}, "ignored and blocked signals are inherited through execve");
  add(SetUmask{process.umask}, "files of the container do not depend on the caller's umask");
  out.enter.push_back(session_step(process, console_of(spec)));
  for (const auto& limit : process.rlimits) {
    const bool is_core = limit == Rlimit{RLIMIT_CORE, 0, 0};
    add(SetRlimit{limit}, is_core ? "a crash writes none of the container's memory to a disk"
                                  : "asked for, see getrlimit(2)");
  }
  attributes(process, add);
  add(ChangeDirectory{process.workdir, process.make_workdir},
      "resolved inside the new root, and proved to be inside");
  return out;
}

StagePlan plan_gate(const ContainerSpec& spec, const HostFacts&) {
  const Process& process = spec.process;
  StagePlan out;
  const auto add = [&](Action action, std::string_view why) {
    out.enter.push_back({std::move(action), why, {}, {}});
  };
  if (process.is_probe)
    out.prepare.push_back({CarryProbe{},
                           "handed in by a descriptor: nothing is copied into the root, and no "
                           "filter has to allow more than execve",
                           {},
                           {}});
  else if (!process.argv.empty())
    add(FindExecutable{process.argv.front(), container_path(process), may_be_32_bit(spec.seccomp)},
        "in the container's PATH, as the container's user, while an error can still be explained");
  if (spec.lifetime == Lifetime::its_own)
    add(OutliveParent{}, "MyDocker ends now; who called it takes the container over");
  add(Rendezvous{}, "everything is set up; from here a failure is the entrypoint's");
  for (const auto& hook : spec.hooks.start_container)
    add(RunHook{hook, "startContainer", "created"}, "the caller's own part, inside the container");
  return out;
}

StagePlan plan_descriptors(const ContainerSpec& spec, const HostFacts&) {
  CloseOnExec close;
  for (const unsigned fd : spec.process.kept_descriptors) {
    if (fd == close.first)
      ++close.first;
    else
      close.kept.push_back(fd);
  }
  return {
      .enter = {
          {std::move(close), "a leaked directory descriptor would be a door to the host", {}, {}}}};
}

StagePlan plan_exec(const ContainerSpec& spec, const HostFacts&) {
  return {.enter = {{Exec{spec.process.argv, spec.process.environment, spec.process.init},
                     spec.process.init
                         ? "a small PID 1 stays, reaps and forwards; the entrypoint is its child"
                         : "the entrypoint is PID 1 of the container"}}};
}

}  // namespace mydocker::process
