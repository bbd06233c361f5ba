// Kernel idea   an flock(2) dies with its holder, whatever killed it: an unlocked record has lost
//               its owner.
// We ask        before all else a locked file named after the container; after clone the child's
//               pid in it.
// Order         first of all stages, so that nothing can be left behind that no record names.
// If it fails   a locked record of that name means that the name is in use.
// Man page      flock(2), pidfd_open(2)
#include "ownership/ownership_stage.hpp"

#include "helpers/text.hpp"

namespace mydocker::ownership {
namespace {

std::string_view name_of(NetworkKind kind) {
  switch (kind) {
    case NetworkKind::none:
      return "none";
    case NetworkKind::host:
      return "host";
    case NetworkKind::nat:
      return "nat";
    case NetworkKind::original:
      return "original";
    case NetworkKind::bridge:
      return "bridge";
    case NetworkKind::cni:
      return "cni";
    case NetworkKind::pasta:
      return "pasta";
    case NetworkKind::joined:
      return "joined";
  }
  return "";
}

// What nobody could find out later from the kernel.
std::string description(const ContainerSpec& spec) {
  std::string command;
  for (const auto& word : spec.process.argv)
    command += (command.empty() ? "" : ", ") + text::json_string(word);
  const std::string cgroup = spec.cgroup ? text::json_string(spec.cgroup->path) : "null";
  return "{\"root\": " + text::json_string(spec.root.path) + ", \"command\": [" + command +
         "], \"cgroup\": " + cgroup +
         ", \"network\": " + text::json_string(name_of(spec.network.kind)) +
         (spec.remembered.empty() ? "" : ", " + spec.remembered) + "}";
}

}  // namespace

StagePlan plan(const ContainerSpec& spec, const HostFacts& facts) {
  const std::string path = facts.record_folder + "/" + spec.id;
  constexpr std::string_view kWhyChild =
      "with PID 1 killed, the kernel ends everything else in its PID namespace";
  // OCI: the state folder of the container is its record, and outlives MyDocker.
  if (spec.lifetime == Lifetime::its_own) return {.attach = {{RecordChild{path}, kWhyChild}}};
  return {
      .prepare = {{CreateRecord{path},
                   "a locked file that outlives a kill -9 of MyDocker: the next start sweeps what "
                   "it names",
                   {RemoveRecord{path}}}},
      .attach = {{RecordChild{path, description(spec)}, kWhyChild}},
  };
}

}  // namespace mydocker::ownership
