// Where the container's cgroup is: `linux.cgroupsPath`.
#include <algorithm>

#include "helpers/text.hpp"
#include "oci/config/sections.hpp"

namespace mydocker::oci {
namespace {

bool has_control(std::string_view text) {
  return std::any_of(text.begin(), text.end(),
                     [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7F; });
}

// "/mydocker/ID", "pods/a": one folder below each hierarchy's mount point.
std::string read_path(const Value& path, const LoadOptions& options) {
  std::string out;
  if (!path.into(out) || out.empty()) return "/mydocker/" + options.id;
  const auto parts = text::split(out, '/');
  const bool leads_up = std::find(parts.begin(), parts.end(), "..") != parts.end();
  const bool is_top = std::all_of(parts.begin(), parts.end(), [](std::string_view part) {
    return part.empty() || part == ".";
  });
  if (leads_up || is_top || has_control(out))
    path.refuse("has to be a path below the top of the cgroups, without '..'");
  return out;
}

// "user.slice:prefix:name": systemd calls the container's scope prefix-name.scope.
std::string read_unit(const Value& path, const LoadOptions& options) {
  const std::string slice = options.rootless ? "user.slice" : "system.slice";
  std::string out;
  if (!path.into(out) || out.empty()) return slice + ":mydocker:" + options.id;
  const auto parts = text::split(out, ':');
  const bool is_slice = parts[0].empty() || (parts[0].ends_with(".slice") && parts[0].size() > 6);
  if (parts.size() != 3 || !is_slice || parts[2].empty() || out.find('/') != std::string::npos ||
      has_control(out))
    path.refuse("has to be SLICE:PREFIX:NAME with a slice of systemd's, as in " + slice +
                ":mydocker:" + options.id);
  return parts[0].empty() ? slice + out : out;
}

}  // namespace

void read_cgroup(const Value& section, const LoadOptions& options, ZeroPids zero_pids,
                 ContainerSpec& spec) {
  const Value resources = section["resources"], path = section["cgroupsPath"];
  CgroupRequest out;
  out.driver = options.driver;
  out.path =
      options.driver == CgroupDriver::systemd ? read_unit(path, options) : read_path(path, options);
  out.every_hierarchy = true;
  out.resources = read_resources(resources, zero_pids);
  if (options.cgroups) {
    spec.cgroup = std::move(out);
  } else if (out.resources != Resources{}) {
    resources.warn("without effect: the caller wants no cgroup");
  }
}

}  // namespace mydocker::oci
