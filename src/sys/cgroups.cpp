#include "sys/cgroups.hpp"

#include <sys/stat.h>
#include <unistd.h>

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

constexpr std::string_view kOurs = "/mydocker";
constexpr std::string_view kLeaf = "/mydocker.leaf";

bool contains(const std::vector<std::string_view>& list, std::string_view wanted) {
  return std::find(list.begin(), list.end(), wanted) != list.end();
}

// mountinfo writes blanks, tabs, newlines and backslashes as three octal digits.
std::string unescaped(std::string_view path) {
  std::string out;
  for (std::size_t i = 0; i < path.size(); ++i) {
    const auto digit = [&](std::size_t at) { return path[at] >= '0' && path[at] <= '7'; };
    if (path[i] == '\\' && i + 3 < path.size() && digit(i + 1) && digit(i + 2) && digit(i + 3)) {
      out += static_cast<char>((path[i + 1] - '0') * 64 + (path[i + 2] - '0') * 8 +
                               (path[i + 3] - '0'));
      i += 3;
    } else {
      out += path[i];
    }
  }
  return out;
}

std::optional<CgroupHierarchy> parse_cgroup_mount(std::string_view line) {
  // 36 35 98:0 /root /mount/point options [optional fields] - type source super-options
  constexpr std::string_view kDash = " - ";
  const auto dash = line.find(kDash);
  if (dash == std::string_view::npos) return std::nullopt;
  const auto fields = text::words(line.substr(0, dash));
  // By single blanks: the source may be empty.
  const auto kind = text::split(line.substr(dash + kDash.size()), ' ');
  if (fields.size() < 6 || kind.size() < 3) return std::nullopt;
  CgroupHierarchy out;
  out.mount_point = unescaped(fields[4]);
  if (kind[0] == "cgroup2") return out;
  if (kind[0] != "cgroup") return std::nullopt;
  out.version = 1;
  static constexpr std::string_view kControllers[] = {
      "memory", "cpu", "cpuacct", "pids", "blkio", "cpuset", "devices", "freezer", "hugetlb"};
  const auto options = text::split(kind[2], ',');
  for (const auto controller : kControllers) {
    if (contains(options, controller)) out.controllers.emplace_back(controller);
  }
  return out;
}

void pause_briefly() {
  constexpr timespec kTwoMilliseconds{0, 2000000};
  ::nanosleep(&kTwoMilliseconds, nullptr);
}

void enable(const std::string& folder, const std::vector<std::string>& controllers) {
  const std::string file = folder + "/cgroup.subtree_control";
  const std::string enabled = read_file(file);
  const auto present = text::words(enabled);
  for (const auto& controller : controllers) {
    if (!contains(present, controller)) write_file(file, "+" + controller);
  }
}

void kill_all(const std::string& folder) {
  try {
    write_file(folder + "/cgroup.kill", "1");  // v2, from Linux 5.14 on
    return;
  } catch (const std::system_error&) {
    // v1 has no such file: one by one, again and again while the folder is busy.
  }
  const auto processes = try_read_file(folder + "/cgroup.procs");
  if (!processes) return;
  for (const auto word : text::words(*processes)) {
    if (const auto pid = numbers::parse(word, INT32_MAX); pid && *pid > 1) {
      ::kill(static_cast<pid_t>(*pid), SIGKILL);
    }
  }
}

}  // namespace

std::vector<CgroupHierarchy> parse_cgroup_mounts(std::string_view mountinfo) {
  std::vector<CgroupHierarchy> out;
  for (const auto line : text::split(mountinfo, '\n')) {
    if (auto found = parse_cgroup_mount(line)) out.push_back(std::move(*found));
  }
  return out;
}

CgroupLayout read_cgroup_layout(const std::string& prefix) {
  CgroupLayout layout{parse_cgroup_mounts(read_file(prefix + "/proc/self/mountinfo"))};
  for (auto& hierarchy : layout.hierarchies) {
    hierarchy.mount_point = prefix + hierarchy.mount_point;
    if (hierarchy.version == 1) continue;
    if (const auto controllers = try_read_file(hierarchy.mount_point + "/cgroup.controllers")) {
      for (const auto word : text::words(*controllers)) hierarchy.controllers.emplace_back(word);
    }
    // Only the kernel's own root has no cgroup.type; it alone may hold processes and enable
    // controllers.
    if (hierarchy.controllers.empty() || !exists(hierarchy.mount_point + "/cgroup.type")) continue;
    const auto processes = try_read_file(hierarchy.mount_point + "/cgroup.procs");
    hierarchy.leave_for_leaf = processes && !processes->empty();
  }
  return layout;
}

void make_cgroup(int version, const std::string& top, const std::string& id,
                 const std::vector<std::string>& controllers) {
  const std::string ours = top + std::string(kOurs);
  const std::string folder = ours + "/" + id;
  constexpr int kTries = 1000;
  for (int tries = 1;; ++tries) {
    if (::mkdir(ours.c_str(), 0755) < 0 && errno != EEXIST) fail(errno, "mkdir");
    try {
      if (version == 2) {
        enable(top, controllers);
        enable(ours, controllers);
      }
      check(::mkdir(folder.c_str(), 0755), "mkdir");
      return;
    } catch (const std::system_error& error) {
      // A neighbour that ended between our two calls has removed the empty folder above.
      const int number = error.code().value();
      const bool vanished = (number == ENOENT || number == ENODEV) && !exists(ours);
      if (!vanished || tries == kTries) {
        ::rmdir(ours.c_str());
        throw;
      }
    }
  }
}

void move_to_leaf(const std::string& top) {
  const std::string leaf = top + std::string(kLeaf);
  if (::mkdir(leaf.c_str(), 0755) < 0 && errno != EEXIST) fail(errno, "mkdir");
  constexpr int kRounds = 16;  // what forks while we move it is met in the next round
  for (int round = 0; round < kRounds; ++round) {
    const std::string processes = read_file(top + "/cgroup.procs");
    if (processes.empty()) return;
    for (const auto process : text::words(processes)) {
      try {
        write_file(leaf + "/cgroup.procs", process);
      } catch (const std::system_error& error) {
        if (error.code().value() != ESRCH) throw;  // it has ended meanwhile
      }
    }
  }
}

bool remove_cgroup(const std::string& top, const std::string& id) {
  const std::string ours = top + std::string(kOurs);
  const std::string folder = ours + "/" + id;
  constexpr int kTries = 1500;  // about three seconds
  for (int tries = 1; ::rmdir(folder.c_str()) < 0 && errno != ENOENT; ++tries) {
    if (errno != EBUSY || tries == kTries) return false;
    kill_all(folder);
    pause_briefly();
  }
  ::rmdir(ours.c_str());  // fails while neighbours run, and that is right
  return true;
}

}  // namespace mydocker::sys
