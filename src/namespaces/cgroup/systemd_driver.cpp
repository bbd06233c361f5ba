#include "namespaces/cgroup/systemd_driver.hpp"

#include <algorithm>
#include <cerrno>
#include <iterator>

#include "helpers/systemd_units.hpp"
#include "helpers/text.hpp"
#include "mydocker/error.hpp"
#include "namespaces/cgroup/folders.hpp"
#include "namespaces/cgroup/resources.hpp"

namespace mydocker::cgroup {
namespace {

struct Place {
  systemd_units::Place unit;
  std::string path;  // below each hierarchy's mount point
};

Place place_of(const CgroupRequest& request, const HostFacts& facts) {
  const std::string doing = "make the unit " + text::quoted(request.path);
  if (!facts.systemd_root) {
    throw SetupError("cgroup", doing, EOPNOTSUPP,
                     "the systemd driver needs systemd as init, and /run/systemd/system does not "
                     "exist: use --cgroup-manager cgroupfs");
  }
  const auto unit = systemd_units::parse(request.path, "system.slice");
  const auto path = unit ? systemd_units::unit_path(*unit) : std::nullopt;
  if (!path)
    throw SetupError("cgroup", doing, EINVAL, "linux.cgroupsPath has to be slice:prefix:name");
  if (unit->unit.ends_with(".slice")) {
    throw SetupError("cgroup", doing, EINVAL,
                     "a slice holds units and no processes: the name may not end in '.slice'");
  }
  return {*unit, *facts.systemd_root + *path};
}

// systemd owns the folders above, and has enabled what it knows of. What it does not (hugetlb, rdma)
// it leaves alone, so that is enabled where a limit needs it, and for no other reason.
void leave_to_systemd(MakeCgroup& folder) {
  folder.may_exist = folder.holds_child = true;
  folder.wished.clear();
  folder.leave_for_leaf = false;
}

// Limits, and on v1 the devices: what systemd was not told it takes back when it is reloaded.
UnitProperties all_properties(const std::vector<Step>& steps, const Resources& resources,
                              const HostFacts& facts) {
  UnitProperties out = unit_properties(steps);
  if (resources.devices.empty() || !facts.can_limit_devices ||
      facts.cgroups.find("devices") == nullptr)
    return out;
  std::ranges::move(systemd_units::device_properties(resources.devices), std::back_inserter(out));
  return out;
}

}  // namespace

UnitProperties unit_properties(const std::vector<Step>& steps) {
  systemd_units::FilesAndTexts files;
  const auto add = [&](const std::string& path, const std::string& text) {
    files.emplace_back(path.substr(path.rfind('/') + 1), text);
  };
  for (const auto& step : steps) {
    if (const auto* const write = std::get_if<WriteFile>(&step.action))
      add(write->path, write->text);
    if (const auto* const weight = std::get_if<WriteWeight>(&step.action)) {
      for (const auto& [path, text] : weight->files_and_texts) add(path, text);
    }
  }
  return systemd_units::properties_of(files);
}

bool plan_systemd(const CgroupRequest& request, const HostFacts& facts, StagePlan& out) {
  const Place place = place_of(request, facts);
  CgroupRequest below = request;
  below.path = place.path;
  Orders orders = orders_for(below, facts);
  out.attach.push_back({StartUnit{facts.systemd, place.unit.unit, place.unit.slice,
                                  "MyDocker container " + place.unit.unit,
                                  all_properties(orders.steps, request.resources, facts)},
                        "systemd owns the tree: it makes the folder and moves the child in",
                        {StopUnit{facts.systemd, place.unit.unit}},
                        {}});
  StagePlan made;
  const auto folders = make_folders(below, facts.cgroups, orders.used, made);
  for (auto& step : made.prepare) {
    if (auto* const folder = std::get_if<MakeCgroup>(&step.action)) leave_to_systemd(*folder);
    out.attach.push_back(std::move(step));
  }
  std::move(orders.steps.begin(), orders.steps.end(), std::back_inserter(out.attach));
  out.notices = std::move(orders.notices);
  // On v2 systemd has moved it; on v1 it does so in some hierarchies only.
  for (const auto* const hierarchy : folders) {
    if (hierarchy->version == 1)
      enter_v1(cgroup_folder(*hierarchy, below.path), Missing::is_an_error, out);
  }
  return false;
}

}  // namespace mydocker::cgroup
