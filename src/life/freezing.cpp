#include "life/freezing.hpp"

#include <fcntl.h>
#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <unordered_set>

#include "helpers/text.hpp"
#include "mydocker/error.hpp"
#include "sys/cgroup_tasks.hpp"
#include "sys/cgroups.hpp"
#include "sys/check.hpp"
#include "sys/files.hpp"
#include "sys/removing.hpp"

namespace mydocker::life {
namespace {

constexpr std::string_view kState = "/freezer.state";

// Version 1 has a hierarchy for the freezer alone, in which a container has a folder only while it is
// frozen: no start pays for it.
bool is_of_version_1(const std::string& folder) {
  return sys::exists(folder + std::string(kState));
}

// Into a frozen folder: who enters stops. What they have forked meanwhile is met in the next round.
void gather(const std::string& from, const std::string& into) {
  constexpr int kMostRounds = 1000;
  for (int round = 0; round < kMostRounds; ++round) {
    const auto inside = sys::processes_in(into);
    const std::unordered_set<pid_t> there(inside.begin(), inside.end());
    bool is_complete = true;
    for (const pid_t pid : sys::processes_in(from)) {
      if (there.contains(pid)) continue;
      is_complete = false;
      // One that has ended is gone, and in no later round.
      (void)sys::try_write_file(into + "/cgroup.procs", std::to_string(pid));
    }
    if (is_complete) return;
  }
  sys::fail(EBUSY, "freeze");
}

// Where it was before: where its MyDocker is, or at the top.
std::string folder_before(const Container& container, const CgroupHierarchy& freezer) {
  const std::string stat =
      sys::try_read_file("/proc/" + std::to_string(container.pid) + "/stat").value_or("");
  const auto words =
      text::words(std::string_view(stat).substr(std::min(stat.size(), stat.rfind(')') + 1)));
  if (words.size() < 2) return freezer.mount_point;
  const auto file = sys::try_read_file("/proc/" + std::string(words[1]) + "/cgroup");
  for (auto& folder : sys::parse_cgroup_folders(file.value_or(""), {{freezer}})) return folder;
  return freezer.mount_point;
}

void freeze_v1(const Container& container, const CgroupHierarchy& freezer) {
  const std::string folder = cgroup_folder(freezer, container.cgroup);
  const std::string above = folder.substr(0, folder.rfind('/'));
  for (const auto* const each : {&above, &folder}) {
    if (::mkdir(each->c_str(), 0755) < 0 && errno != EEXIST) sys::fail(errno, "mkdir");
  }
  sys::write_file(folder + std::string(kState), "FROZEN");
  gather(container.cgroups.front(), folder);
  sys::freeze(folder);
}

void thaw_v1(const Container& container, const std::string& folder) {
  const CgroupLayout layout = sys::read_cgroup_layout();
  const CgroupHierarchy* const freezer = layout.find("freezer");
  sys::thaw(folder);
  if (freezer == nullptr || container.kind != Kind::classic) return;
  const std::string before = folder_before(container, *freezer);
  constexpr int kMostRounds = 100;
  for (int round = 0; round < kMostRounds && !sys::processes_in(folder).empty(); ++round) {
    for (const pid_t pid : sys::processes_in(folder))
      (void)sys::try_write_file(before + "/cgroup.procs", std::to_string(pid));
  }
  (void)sys::remove_cgroup(freezer->mount_point, container.cgroup);
}

}  // namespace

void freeze(const Container& container) {
  if (container.cgroups.empty())
    throw UsageError("pause " + text::quoted(container.id) +
                     ": it has no cgroup, and so cannot be frozen: start it with -c");
  for (const auto& folder : container.cgroups) {
    if (sys::exists(folder + "/cgroup.freeze")) return sys::freeze(folder);
  }
  const CgroupLayout layout = sys::read_cgroup_layout();
  const CgroupHierarchy* const freezer = layout.find("freezer");
  if (freezer == nullptr)
    throw UsageError("pause " + text::quoted(container.id) +
                     ": this host has no freezer of cgroups");
  freeze_v1(container, *freezer);
}

void thaw(const Container& container) {
  for (const auto& folder : container.cgroups) {
    if (!sys::is_frozen(folder)) continue;
    if (is_of_version_1(folder))
      thaw_v1(container, folder);
    else
      sys::thaw(folder);
  }
}

}  // namespace mydocker::life
