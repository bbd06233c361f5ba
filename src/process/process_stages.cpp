// Kernel idea   a process is more than its memory: keyring, signals, umask, session, terminal,
//               descriptors.
// We ask        each of them reset or made new, then execve.
// Order         what needs privileges or /proc/self before the capability drop; the lookup of the
//               entrypoint after it, as the user who will run it; nothing between the filter and
//               execve.
// If it fails   126 not executable, 127 not found, as a shell says it.
// Man page      credentials(7), setsid(2), execve(2)
#include "process/process_stages.hpp"

namespace mydocker::process {
namespace {

constexpr std::string_view kPathVariable = "PATH=";

std::string container_path(const Process& process) {
  for (const auto& variable : process.environment) {
    if (variable.starts_with(kPathVariable)) return variable.substr(kPathVariable.size());
  }
  return {};
}

Step session_step(const Process& process) {
  if (!process.terminal) {
    return {NewSession{}, "no controlling terminal: nothing can be typed into the host's", {}, {}};
  }
  return {OpenTerminal{process.terminal->on_terminal, process.terminal->rows,
                       process.terminal->columns, process.user.uid},
          "a pseudo-terminal of the container's own, as controlling terminal of a new session",
          {},
          {}};
}

}  // namespace

StagePlan plan_limits(const ContainerSpec& spec, const HostFacts&) {
  return {
      .enter = {
          {JoinSessionKeyring{}, "the host's session keyring, and the keys in it, stay outside"},
          {ResetSignals{}, "ignored and blocked signals are inherited through execve"},
          {SetUmask{022}, "files of the container do not depend on the caller's umask"},
          session_step(spec.process),
          {ChangeDirectory{spec.process.workdir},
           "resolved inside the new root, and proved to be inside"},
      }};
}

StagePlan plan_gate(const ContainerSpec& spec, const HostFacts&) {
  return {.enter = {
              {FindExecutable{spec.process.argv.front(), container_path(spec.process)},
               "in the container's PATH, as the container's user, while an error can still be "
               "explained"},
              {Rendezvous{}, "everything is set up; from here a failure is the entrypoint's"},
          }};
}

StagePlan plan_descriptors(const ContainerSpec&, const HostFacts&) {
  return {.enter = {{CloseOnExec{3}, "a leaked directory descriptor would be a door to the host"}}};
}

StagePlan plan_exec(const ContainerSpec& spec, const HostFacts&) {
  return {.enter = {{Exec{spec.process.argv, spec.process.environment, spec.process.init},
                     spec.process.init
                         ? "a small PID 1 stays, reaps and forwards; the entrypoint is its child"
                         : "the entrypoint is PID 1 of the container"}}};
}

}  // namespace mydocker::process
