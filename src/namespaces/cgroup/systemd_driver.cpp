#include "namespaces/cgroup/systemd_driver.hpp"

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
  return {*unit, *facts.systemd_root + *path};
}

// What systemd is told of the limits, so that its own reload does not take them back.
UnitProperties properties_of(const std::vector<Step>& steps) {
  systemd_units::FilesAndTexts files;
  for (const auto& step : steps) {
    const auto* const write = std::get_if<WriteFile>(&step.action);
    if (write != nullptr)
      files.emplace_back(write->path.substr(write->path.rfind('/') + 1), write->text);
  }
  return systemd_units::properties_of(files);
}

// systemd owns the folders above: they stay as it wants them.
void leave_to_systemd(MakeCgroup& folder) {
  folder.may_exist = folder.holds_child = true;
  if (folder.version == 2) folder.controllers.clear();
  folder.wished.clear();
  folder.leave_for_leaf = false;
}

}  // namespace

bool plan_systemd(const CgroupRequest& request, const HostFacts& facts, StagePlan& out) {
  const Place place = place_of(request, facts);
  CgroupRequest below = request;
  below.path = place.path;
  Orders orders = orders_for(below, facts);
  const Systemd which = facts.uid == 0 ? Systemd::of_system : Systemd::of_user;
  out.attach.push_back(
      {StartUnit{which, place.unit.unit, place.unit.slice, "MyDocker container " + place.unit.unit,
                 properties_of(orders.steps)},
       "systemd owns the tree: it makes the folder and moves the child in",
       {StopUnit{which, place.unit.unit}},
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
