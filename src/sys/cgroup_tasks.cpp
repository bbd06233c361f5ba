#include "sys/cgroup_tasks.hpp"

#include <fcntl.h>
#include <poll.h>
#include <sys/stat.h>

#include <algorithm>
#include <csignal>
#include <ctime>
#include <optional>

#include "helpers/numbers.hpp"
#include "helpers/text.hpp"
#include "sys/check.hpp"
#include "sys/files.hpp"

namespace mydocker::sys {
namespace {

constexpr int kMillisecondsBetween = 10;
constexpr int kPatient = 1000, kHasty = 50;  // tries: ten seconds in all, half a second

constexpr const char* kV1 = "/freezer.state";
constexpr const char* kV2 = "/cgroup.freeze";

void collect(const std::string& folder, std::vector<pid_t>& out) {
  const auto processes = try_read_file(folder + "/cgroup.procs");
  if (!processes) return;
  for (const auto word : text::words(*processes)) {
    // 0 stands for one that this pid namespace does not see.
    if (const auto pid = numbers::parse(word, INT32_MAX); pid && *pid > 0)
      out.push_back(static_cast<pid_t>(*pid));
  }
  for (const auto& name : names_in(folder)) {
    struct stat info {};
    const std::string below = folder + "/" + name;
    if (::lstat(below.c_str(), &info) == 0 && S_ISDIR(info.st_mode)) collect(below, out);
  }
}

bool says(const std::string& file, std::string_view line) {
  const auto content = try_read_file(file);
  if (!content) return false;
  const auto lines = text::split(*content, '\n');
  return std::find(lines.begin(), lines.end(), line) != lines.end();
}

// Waits for a change of `file`, or a short time.
void await_change(const UniqueFd& file) {
  pollfd change{file.get(), POLLPRI, 0};
  if (::poll(&change, file ? 1 : 0, kMillisecondsBetween) > 0) {
    // poll(2) tells of a change at once until somebody has read it.
    (void)::lseek(file.get(), 0, SEEK_SET);
    (void)read_all(file.get(), 4096);
  }
}

bool try_freeze_v1(const std::string& folder, int patience) {
  for (int tries = 0; tries < patience; ++tries) {
    // What was forked while it froze is caught by the next write only.
    write_file(folder + kV1, "FROZEN");
    if (says(folder + kV1, "FROZEN")) return true;
    await_change({});
  }
  return false;
}

bool try_freeze_v2(const std::string& folder, int patience) {
  const std::string events = folder + "/cgroup.events";
  const UniqueFd file(::open(events.c_str(), O_RDONLY | O_CLOEXEC));
  write_file(folder + kV2, "1");
  for (int tries = 0; tries < patience; ++tries) {
    if (says(events, "frozen 1")) return true;
    await_change(file);
  }
  return false;
}

// False if they do not stop soon; then they run again.
bool try_freeze(const std::string& folder, int patience) {
  if (exists(folder + kV1) ? try_freeze_v1(folder, patience) : try_freeze_v2(folder, patience))
    return true;
  thaw(folder);
  return false;
}

}  // namespace

std::string freezer_folder(const CgroupLayout& layout, std::string_view path) {
  if (const auto* const v1 = layout.find("freezer")) return cgroup_folder(*v1, path);
  for (const auto& hierarchy : layout.hierarchies) {
    if (hierarchy.version == 2) return cgroup_folder(hierarchy, path);
  }
  return {};
}

std::vector<std::string> parse_cgroup_folders(std::string_view file, const CgroupLayout& layout) {
  std::vector<std::string> out;
  for (const auto line : text::split(file, '\n')) {
    // 4:cpu,cpuacct:/path, 1:name=systemd:/path, 0::/path
    const auto first = line.find(':'), second = line.find(':', first + 1);
    if (first == std::string_view::npos || second == std::string_view::npos) continue;
    const auto names = text::split(line.substr(first + 1, second - first - 1), ',');
    const auto path = line.substr(second + 1);
    const auto serves = [&](const CgroupHierarchy& hierarchy) {
      if (names[0].empty()) return hierarchy.version == 2;
      if (names[0].starts_with("name=")) return hierarchy.name == names[0].substr(5);
      const auto& all = hierarchy.controllers;
      return hierarchy.version == 1 && std::find(all.begin(), all.end(), names[0]) != all.end();
    };
    const auto& all = layout.hierarchies;
    if (const auto found = std::find_if(all.begin(), all.end(), serves); found != all.end())
      out.push_back(path == "/" ? found->mount_point : cgroup_folder(*found, path));
  }
  return out;
}

std::vector<std::string> cgroup_folders_of(pid_t pid, const CgroupLayout& layout) {
  return parse_cgroup_folders(read_file("/proc/" + std::to_string(pid) + "/cgroup"), layout);
}

std::vector<pid_t> processes_in(const std::string& folder) {
  std::vector<pid_t> out;
  collect(folder, out);
  std::sort(out.begin(), out.end());
  out.erase(std::unique(out.begin(), out.end()), out.end());
  return out;
}

bool is_frozen(const std::string& folder) {
  // FREEZING and a 1 that is not yet obeyed count too: somebody wants it to stop.
  const auto v1 = try_read_file(folder + kV1);
  return v1 ? text::trimmed(*v1) != "THAWED" : says(folder + kV2, "1");
}

void freeze(const std::string& folder) {
  if (!try_freeze(folder, kPatient)) fail(EBUSY, "freeze");
}

void thaw(const std::string& folder) {
  if (exists(folder + kV1))
    write_file(folder + kV1, "THAWED");
  else
    write_file(folder + kV2, "0");
}

void signal_all(const std::string& folder, int signal) {
  // From Linux 5.14 on v2 does it at once, whether frozen or not.
  if (signal == SIGKILL && try_write_file(folder + "/cgroup.kill", "1") == 0) return;
  const bool was_frozen = is_frozen(folder);
  bool is_held = was_frozen;
  if (!was_frozen) {
    try {
      is_held = try_freeze(folder, kHasty);
    } catch (const std::system_error&) {
      // This hierarchy cannot: then as they run.
    }
  }
  for (const pid_t pid : processes_in(folder)) ::kill(pid, signal);
  if (is_held && (!was_frozen || signal == SIGKILL)) thaw(folder);
}

}  // namespace mydocker::sys
