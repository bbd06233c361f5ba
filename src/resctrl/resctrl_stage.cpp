// Kernel idea   a folder of /sys/fs/resctrl is a group of tasks with a share of the last cache.
// We ask        a group of the container's own, or one that is named; its schemata; the child in it.
// Order         the child's number is needed, so while it waits: nothing of it runs outside.
// If it fails   no such folder: the processor or the kernel lacks it, or it is not mounted.
// Man page      Documentation/arch/x86/resctrl.rst of the kernel
#include "resctrl/resctrl_stage.hpp"

#include <cerrno>

#include "helpers/text.hpp"
#include "mydocker/error.hpp"

namespace mydocker::resctrl {
namespace {

constexpr std::string_view kWhyTasks = "what the child forks later is in the group too";

void require(const HostFacts& facts) {
  if (facts.has_resctrl) return;
  throw SetupError("resctrl", "share the cache as linux.intelRdt asks", EOPNOTSUPP,
                   "this kernel or processor has no resctrl, or nobody has mounted it: "
                   "mount -t resctrl resctrl /sys/fs/resctrl");
}

}  // namespace

StagePlan plan(const ContainerSpec& spec, const HostFacts& facts) {
  if (!spec.intel_rdt) return {};
  require(facts);
  const IntelRdt& rdt = *spec.intel_rdt;
  const std::string name = rdt.group.empty() ? spec.id : rdt.group;
  // "/" is the group that everybody is in.
  const std::string folder = std::string(kResctrl) + (name == "/" ? "" : "/" + name);
  StagePlan out;
  const auto make = [&out](const std::string& path, std::string_view why) {
    out.prepare.push_back({MakeFolder{path}, why, {RemoveFolder{path}}, {}});
  };
  if (name != "/") make(folder, "one group a container, or the one that was named");
  if (!rdt.schemata.empty()) {
    out.prepare.push_back({WriteFile{folder + "/schemata", text::join(rdt.schemata, "\n") + "\n"},
                           "which ways of the cache, how much bandwidth",
                           {},
                           {}});
  }
  out.attach.push_back({WriteFile{folder + "/tasks", std::string(kChild)}, kWhyTasks, {}, {}});
  if (rdt.monitoring) {
    const std::string counters = folder + "/mon_groups/" + spec.id;
    make(counters, "counters of the container's own");
    out.attach.push_back({WriteFile{counters + "/tasks", std::string(kChild)}, kWhyTasks, {}, {}});
  }
  return out;
}

}  // namespace mydocker::resctrl
