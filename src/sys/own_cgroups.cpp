#include "sys/own_cgroups.hpp"

#include <unistd.h>

#include <algorithm>
#include <string_view>

#include "helpers/text.hpp"
#include "sys/cgroups.hpp"
#include "sys/files.hpp"

namespace mydocker::sys {
namespace {

bool can_write(const std::string& folder) {
  return ::access(folder.c_str(), W_OK) == 0 &&
         ::access((folder + "/cgroup.procs").c_str(), W_OK) == 0;
}

// A line of /proc/PID/cgroup, "5:memory:/user" or "0::/user", is of this hierarchy.
bool is_of(const CgroupHierarchy& hierarchy, std::string_view list) {
  if (hierarchy.version == 2) return list.empty();
  for (const auto word : text::split(list, ',')) {
    const auto& controllers = hierarchy.controllers;
    if (std::find(controllers.begin(), controllers.end(), word) != controllers.end()) return true;
    if (!hierarchy.name.empty() && word == "name=" + hierarchy.name) return true;
  }
  return false;
}

// Where this process is; empty at the top. Of the leaf that MyDocker moved it to, the folder above.
std::string own_path(const CgroupHierarchy& hierarchy, std::string_view own) {
  for (const auto line : text::split(own, '\n')) {
    const auto first = line.find(':');
    const auto second = first == std::string_view::npos ? first : line.find(':', first + 1);
    if (second == std::string_view::npos) continue;
    if (!is_of(hierarchy, line.substr(first + 1, second - first - 1))) continue;
    std::string_view path = line.substr(second + 1);
    if (path.ends_with(kLeaf)) path.remove_suffix(kLeaf.size());
    return path == "/" ? std::string() : std::string(path);
  }
  return {};
}

// True if there is nothing that may be used.
bool narrow(CgroupHierarchy& hierarchy, std::string_view own) {
  if (can_write(hierarchy.mount_point)) return false;
  const std::string path = own_path(hierarchy, own), folder = hierarchy.mount_point + path;
  if (path.empty() || !can_write(folder)) return true;
  hierarchy.mount_point = folder;
  if (hierarchy.version == 2) read_controllers(hierarchy);
  return false;
}

}  // namespace

CgroupLayout own_part_of(CgroupLayout layout, const std::string& prefix) {
  const std::string own = try_read_file(prefix + "/proc/self/cgroup").value_or("");
  std::erase_if(layout.hierarchies,
                [&own](CgroupHierarchy& hierarchy) { return narrow(hierarchy, own); });
  return layout;
}

CgroupLayout own_cgroup_layout() {
  return ::geteuid() == 0 ? read_cgroup_layout() : own_part_of(read_cgroup_layout());
}

}  // namespace mydocker::sys
