#include "oci/join.hpp"

namespace mydocker::oci {
namespace {

// Those that the container has of its own, whether it made them or joined them by a path.
NamespaceUse joined(const NamespaceUse& of_container, const char* name, pid_t init) {
  if (of_container.is_inherited()) return {};
  return {NamespaceUse::Kind::joined, "/proc/" + std::to_string(init) + "/ns/" + name};
}

Namespaces namespaces_of(const Namespaces& own, pid_t init) {
  return {.user = joined(own.user, "user", init),
          .cgroup = joined(own.cgroup, "cgroup", init),
          .network = joined(own.network, "net", init),
          .uts = joined(own.uts, "uts", init),
          .ipc = joined(own.ipc, "ipc", init),
          .pid = joined(own.pid, "pid", init),
          .mount = joined(own.mount, "mnt", init),
          .time = joined(own.time, "time", init)};
}

}  // namespace

ContainerSpec joining_spec(const LoadedConfig& config, Process process, const State& state,
                           pid_t init) {
  ContainerSpec out;
  out.id = state.id;
  out.hostname.clear();
  out.namespaces = namespaces_of(config.spec.namespaces, init);
  out.process = std::move(process);
  out.root = config.spec.root;
  out.seccomp = config.spec.seccomp;
  out.lifetime = Lifetime::its_own;
  if (!state.cgroups.empty()) {
    out.cgroup.emplace();
    out.cgroup->join_existing = true;
    for (const auto& cgroup : state.cgroups) out.cgroup->joined_folders.push_back(cgroup.folder());
  }
  return out;
}

}  // namespace mydocker::oci
