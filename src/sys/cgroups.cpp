#include "sys/cgroups.hpp"

#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <ctime>
#include <optional>

#include "helpers/text.hpp"
#include "sys/cgroup_tasks.hpp"
#include "sys/check.hpp"
#include "sys/files.hpp"

namespace mydocker::sys {
namespace {

constexpr std::string_view kOurs = "/mydocker";

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
      "memory",  "cpu",     "cpuacct", "pids",     "blkio",      "cpuset", "devices",
      "freezer", "hugetlb", "net_cls", "net_prio", "perf_event", "rdma",   "misc"};
  const auto options = text::split(kind[2], ',');
  for (const auto controller : kControllers) {
    if (contains(options, controller)) out.controllers.emplace_back(controller);
  }
  constexpr std::string_view kName = "name=";
  for (const auto option : options) {
    if (option.starts_with(kName)) out.name = option.substr(kName.size());
  }
  return out;
}

void pause_briefly() {
  constexpr timespec kTwoMilliseconds{0, 2000000};
  ::nanosleep(&kTwoMilliseconds, nullptr);
}

void enable(const std::string& folder, const NewCgroup& how) {
  if (how.controllers.empty() && how.wished.empty()) return;
  const std::string file = folder + "/cgroup.subtree_control";
  const std::string enabled = read_file(file);
  const auto present = text::words(enabled);
  for (const auto& controller : how.controllers) {
    if (!contains(present, controller)) write_file(file, "+" + controller);
  }
  for (const auto& controller : how.wished) {
    if (!contains(present, controller)) (void)try_write_file(file, "+" + controller);
  }
}

// A new folder of v1's cpuset has no processors and no memory, and takes no process before it has.
void fill_cpuset(const std::string& folder, const NewCgroup& how) {
  if (std::find(how.controllers.begin(), how.controllers.end(), "cpuset") == how.controllers.end())
    return;
  const std::string above = folder.substr(0, folder.rfind('/'));
  for (const char* const file : {"/cpuset.cpus", "/cpuset.mems"}) {
    const auto own = try_read_file(folder + file);
    if (!own || own->size() > 1) continue;
    write_file(folder + file, text::trimmed(read_file(above + file)));
  }
}

// True for a new one.
bool make_leaf(const std::string& folder, const NewCgroup& how) {
  if (::mkdir(folder.c_str(), 0755) == 0) return true;
  if (errno != EEXIST || !how.may_exist) fail(errno, "mkdir");
  if (how.may_hold_processes) return false;
  const auto processes = try_read_file(folder + "/cgroup.procs");
  if (!processes || !processes->empty()) fail(EBUSY, "mkdir");
  return false;
}

// One that cannot be filled is not left behind: nobody knows yet that it is ours.
void fill_new(const std::string& folder, bool is_new, const NewCgroup& how) {
  try {
    fill_cpuset(folder, how);
  } catch (const std::system_error&) {
    if (is_new) ::rmdir(folder.c_str());
    throw;
  }
}

// From `last` up to `first`, as far as they are empty; not all of them need have been made.
void remove_empty(const std::string& first, std::string last) {
  while (last.size() >= first.size() && (::rmdir(last.c_str()) == 0 || errno == ENOENT))
    last.erase(last.rfind('/'));
}

// Folders that the container made below its own; the kernel keeps files in them, so rmdir is all.
void remove_below(const std::string& folder) {
  for (const auto& name : names_in(folder)) {
    const std::string below = folder + "/" + name;
    struct stat info {};
    if (::lstat(below.c_str(), &info) < 0 || !S_ISDIR(info.st_mode)) continue;
    remove_below(below);
    ::rmdir(below.c_str());
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

void read_controllers(CgroupHierarchy& hierarchy) {
  hierarchy.controllers.clear();
  if (const auto controllers = try_read_file(hierarchy.mount_point + "/cgroup.controllers")) {
    for (const auto word : text::words(*controllers)) hierarchy.controllers.emplace_back(word);
  }
  // Only the kernel's own root has no cgroup.type; it alone may hold processes and enable
  // controllers.
  if (hierarchy.controllers.empty() || !exists(hierarchy.mount_point + "/cgroup.type")) return;
  const auto processes = try_read_file(hierarchy.mount_point + "/cgroup.procs");
  hierarchy.leave_for_leaf = processes && !processes->empty();
}

CgroupLayout read_cgroup_layout(const std::string& prefix) {
  CgroupLayout layout{parse_cgroup_mounts(read_file(prefix + "/proc/self/mountinfo"))};
  for (auto& hierarchy : layout.hierarchies) {
    hierarchy.mount_point = prefix + hierarchy.mount_point;
    if (hierarchy.version == 2) read_controllers(hierarchy);
  }
  return layout;
}

void make_cgroup(int version, const std::string& top, const std::string& path,
                 const NewCgroup& how) {
  const std::string folder = top + "/" + path;
  constexpr int kTries = 1000, kTriesIfThere = 20;
  std::string made;  // the first folder above it that was missing
  for (int tries = 1;; ++tries) {
    try {
      std::string at = top;
      const auto parts = text::split(path, '/');
      for (std::size_t i = 0; i + 1 < parts.size(); ++i) {
        if (parts[i].empty()) continue;
        if (version == 2) enable(at, how);
        at += "/" + std::string(parts[i]);
        if (::mkdir(at.c_str(), 0755) == 0)
          made = made.empty() ? at : made;
        else if (errno != EEXIST)
          fail(errno, "mkdir");
        if (version == 1) fill_cpuset(at, how);
      }
      if (version == 2) enable(at, how);
      const bool is_new = make_leaf(folder, how);
      if (version == 1) fill_new(folder, is_new, how);
      return;
    } catch (const std::system_error& error) {
      // A neighbour that ended between our two calls has removed the empty folder above; another one may
      // have made it again already.
      const int number = error.code().value();
      const bool vanished = number == ENOENT || number == ENODEV;
      const bool is_there = exists(folder.substr(0, folder.rfind('/')));
      if (!vanished || tries >= (is_there ? kTriesIfThere : kTries)) {
        if (!made.empty()) remove_empty(made, folder.substr(0, folder.rfind('/')));
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

bool remove_cgroup(const std::string& top, const std::string& path) {
  const std::string folder = top + "/" + path;
  constexpr int kTries = 1500;  // about three seconds
  for (int tries = 1; ::rmdir(folder.c_str()) < 0 && errno != ENOENT; ++tries) {
    if (errno != EBUSY || tries == kTries) return false;
    signal_all(folder, SIGKILL);
    remove_below(folder);
    pause_briefly();
  }
  // Ours alone, and not while neighbours run: then this fails, and that is right.
  const std::string above = folder.substr(0, folder.rfind('/'));
  if (above.ends_with(kOurs)) ::rmdir(above.c_str());
  return true;
}

bool remove_cgroups(const CgroupLayout& layout, const std::string& path) {
  if (const std::string freezer = freezer_folder(layout, path); is_frozen(freezer))
    signal_all(freezer, SIGKILL);
  bool all = true;
  for (const auto& hierarchy : layout.hierarchies)
    all = remove_cgroup(hierarchy.mount_point, path) && all;
  return all;
}

void give_cgroup(const std::string& folder, uid_t owner) {
  constexpr gid_t kAsItIs = static_cast<gid_t>(-1);
  check(::chown(folder.c_str(), owner, kAsItIs), "chown");
  const std::string files = try_read_file("/sys/kernel/cgroup/delegate")
                                .value_or("cgroup.procs\ncgroup.subtree_control\ncgroup.threads\n");
  for (const auto file : text::words(files)) {
    const std::string path = folder + "/" + std::string(file);
    if (::chown(path.c_str(), owner, kAsItIs) < 0 && errno != ENOENT) fail(errno, "chown");
  }
}

}  // namespace mydocker::sys
