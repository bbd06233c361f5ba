// Kernel idea   a folder of /sys/fs/cgroup holds processes and what they may use together.
// We ask        a folder per hierarchy, limits written into it, the child born in it (v2) or moved
//               into it (v1); CLONE_NEWCGROUP, so that this folder looks like the root from inside.
// Order         limits before the first process: none ever runs outside them.
// If it fails   a limit is a promise, so that is an error; a weight is advice, so that is a
//               warning.
// Man page      cgroups(7), cgroup_namespaces(7)
#include "namespaces/cgroup/cgroup_stage.hpp"

#include <linux/sched.h>

#include <algorithm>
#include <cerrno>

#include "helpers/numbers.hpp"
#include "mydocker/error.hpp"

namespace mydocker::cgroup {
namespace {

constexpr std::string_view kWhyFolder =
    "one folder a container; the kernel counts and limits all that is inside";
constexpr std::string_view kNoIoWeight =
    "-I has no effect: no disk of this host has an I/O scheduler that honours a weight (bfq, or "
    "io.cost on v2)";

// One controller that the spec uses, and the hierarchy where it is bound.
struct Used {
  std::string_view controller;
  const CgroupHierarchy* where;
};

const CgroupHierarchy* require(const CgroupLayout& layout, std::string_view controller,
                               std::string_view what) {
  if (const auto* found = layout.find(controller)) return found;
  throw SetupError("cgroup", "limit " + std::string(what), EOPNOTSUPP,
                   "this host mounts no '" + std::string(controller) +
                       "' controller: 'MyDocker doctor' says what it has and how to get the rest");
}

std::vector<Used> used_controllers(const CgroupRequest& request, const CgroupLayout& layout) {
  std::vector<Used> used;
  const auto optional = [&](std::string_view controller) {
    if (const auto* found = layout.find(controller)) used.push_back({controller, found});
  };
  const Resources& resources = request.resources;
  if (resources.memory.limit)
    used.push_back({"memory", require(layout, "memory", "memory")});
  else if (request.accounting)
    optional("memory");
  if (resources.cpu.percent || request.accounting) optional("cpu");
  if (request.accounting) optional("cpuacct");
  if (resources.pids)
    used.push_back({"pids", require(layout, "pids", "the number of processes")});
  else if (request.accounting)
    optional("pids");
  if (resources.block_io.weight) {
    optional("io");
    optional("blkio");
  }
  return used;
}

class Planner {
 public:
  Planner(const ContainerSpec& spec, const HostFacts& facts)
      : spec_(spec),
        facts_(facts),
        request_(*spec.cgroup),
        limits_(request_.resources),
        used_(used_controllers(request_, facts.cgroups)) {}

  StagePlan plan() {
    make_folders();
    memory();
    cpu();
    pids();
    io();
    attach();
    return std::move(out_);
  }

 private:
  const CgroupHierarchy* where(std::string_view controller) const {
    for (const auto& use : used_) {
      if (use.controller == controller) return use.where;
    }
    return nullptr;
  }

  std::string file(const CgroupHierarchy& hierarchy, std::string_view name) const {
    return cgroup_folder(hierarchy, request_.path) + "/" + std::string(name);
  }

  void write(std::string path, std::string text, std::string_view why,
             Missing missing = Missing::is_an_error) {
    out_.prepare.push_back({WriteFile{std::move(path), std::move(text), missing}, why, {}, {}});
  }

  void make_folders() {
    for (const auto& hierarchy : facts_.cgroups.hierarchies) {
      std::vector<std::string> controllers;
      for (const auto& use : used_) {
        if (use.where == &hierarchy) controllers.emplace_back(use.controller);
      }
      if (controllers.empty()) continue;
      folders_.push_back(&hierarchy);
      out_.prepare.push_back(
          {MakeCgroup{hierarchy.version,
                      hierarchy.mount_point,
                      request_.path,
                      hierarchy.version == 2 ? controllers : std::vector<std::string>{},
                      {},
                      hierarchy.leave_for_leaf},
           kWhyFolder,
           {RemoveCgroup{hierarchy.mount_point, request_.path}},
           {}});
    }
  }

  void memory() {
    const auto* const hierarchy = where("memory");
    if (hierarchy == nullptr || !limits_.memory.limit) return;
    const std::string bytes = std::to_string(*limits_.memory.limit);
    const Missing swap_file = facts_.has_swap ? Missing::is_an_error : Missing::is_fine;
    constexpr std::string_view kWhySwap =
        "else what does not fit in memory would go on in swap, unlimited";
    if (hierarchy->version == 2) {
      write(file(*hierarchy, "memory.max"), bytes,
            "beyond it the kernel kills inside, not outside");
      write(file(*hierarchy, "memory.swap.max"), "0", kWhySwap, swap_file);
    } else {
      write(file(*hierarchy, "memory.limit_in_bytes"), bytes,
            "beyond it the kernel kills inside, not outside");
      write(file(*hierarchy, "memory.memsw.limit_in_bytes"), bytes, kWhySwap, swap_file);
    }
  }

  void cpu() {
    if (!limits_.cpu.percent) return;
    const auto* const hierarchy = where("cpu");
    if (hierarchy == nullptr) {
      out_.notices.emplace_back("-C has no effect: this host mounts no 'cpu' controller");
      return;
    }
    constexpr std::string_view kWhy =
        "a share against its neighbours while the processors are busy";
    if (hierarchy->version == 2) {
      write(file(*hierarchy, "cpu.weight"), std::to_string(*limits_.cpu.percent), kWhy);
    } else {
      write(file(*hierarchy, "cpu.shares"), std::to_string(*limits_.cpu.percent * 1024 / 100),
            kWhy);
    }
  }

  void pids() {
    const auto* const hierarchy = where("pids");
    if (hierarchy == nullptr || !limits_.pids) return;
    write(file(*hierarchy, "pids.max"), std::to_string(*limits_.pids),
          "a fork bomb ends here, with EAGAIN");
  }

  void io() {
    if (!limits_.block_io.weight) return;
    const std::string weight = std::to_string(*limits_.block_io.weight);
    WriteWeight action;
    if (const auto* const v2 = where("io")) {
      action.files_and_texts = {{file(*v2, "io.bfq.weight"), weight},
                                {file(*v2, "io.weight"), "default " + weight}};
    } else if (const auto* const v1 = where("blkio")) {
      action.files_and_texts = {{file(*v1, "blkio.bfq.weight"), weight},
                                {file(*v1, "blkio.weight"), weight}};
    }
    const bool say = request_.io_weight_was_given;
    if (action.files_and_texts.empty() || !facts_.io_weight_works) {
      if (say) out_.notices.emplace_back(kNoIoWeight);
    } else if (say) {
      action.warning = kNoIoWeight;
    }
    if (!action.files_and_texts.empty()) {
      out_.prepare.push_back({std::move(action), "a share of the disk while it is busy", {}, {}});
    }
  }

  void attach() {
    const bool only_v2 = std::all_of(folders_.begin(), folders_.end(),
                                     [](const auto* folder) { return folder->version == 2; });
    for (const auto* const folder : folders_) {
      if (folder->version == 2) {
        out_.born_in = cgroup_folder(*folder, request_.path);
      } else {
        // The child moves itself: written by the host, cgroup.procs takes a lock that waits for an
        // RCU grace period, 7 to 26 ms of a start; a thread that moves itself needs none.
        out_.enter.push_back(
            {WriteFile{file(*folder, "tasks"), "0"},
             "v1 has no CLONE_INTO_CGROUP: the child's first step is to move itself",
             {},
             {}});
      }
    }
    if (only_v2) {
      out_.clone_flags = CLONE_NEWCGROUP;
    } else {
      out_.enter.push_back(
          {Unshare{CLONE_NEWCGROUP},
           "after the move: the namespace's root is where its maker is at that moment",
           {},
           {}});
    }
  }

  const ContainerSpec& spec_;
  const HostFacts& facts_;
  const CgroupRequest& request_;
  const Resources& limits_;
  std::vector<Used> used_;
  std::vector<const CgroupHierarchy*> folders_;
  StagePlan out_;
};

}  // namespace

StagePlan plan(const ContainerSpec& spec, const HostFacts& facts) {
  if (spec.cgroup && !spec.cgroup->joined.empty()) {
    StagePlan out;
    for (const auto& j : spec.cgroup->joined) {
      if (j.version == 2)
        out.born_in = j.folder;
      else
        out.enter.push_back({WriteFile{j.folder + "/tasks", "0"}, "moves", {}, {}});
    }
    if (spec.namespaces.cgroup.is_joined()) {
      out.prepare.push_back(
          {OpenNamespace{CLONE_NEWCGROUP, spec.namespaces.cgroup.path}, "x", {}, {}});
      out.enter.push_back({JoinNamespaces{CLONE_NEWCGROUP}, "x", {}, {}});
    }
    return out;
  }
  if (spec.cgroup && spec.cgroup->every_hierarchy) {
    StagePlan out;
    bool v1 = false;
    for (const auto& h : facts.cgroups.hierarchies) {
      out.prepare.push_back(
          {MakeCgroup{h.version,
                      h.mount_point,
                      spec.cgroup->path,
                      h.version == 1 && h.controllers == std::vector<std::string>{"cpuset"}
                          ? h.controllers
                          : std::vector<std::string>{},
                      {},
                      false,
                      true},
           kWhyFolder,
           {RemoveCgroup{h.mount_point, spec.cgroup->path}},
           {}});
      if (h.version == 2)
        out.born_in = cgroup_folder(h, spec.cgroup->path);
      else {
        v1 = true;
        out.enter.push_back(
            {WriteFile{cgroup_folder(h, spec.cgroup->path) + "/tasks", "0"}, "moves", {}, {}});
      }
    }
    if (spec.namespaces.cgroup.is_new()) {
      if (v1)
        out.enter.push_back({Unshare{CLONE_NEWCGROUP}, "x", {}, {}});
      else
        out.clone_flags = CLONE_NEWCGROUP;
    }
    return out;
  }
  if (!spec.cgroup && !spec.namespaces.cgroup.is_new()) return {};
  if (!spec.cgroup) return {.clone_flags = CLONE_NEWCGROUP};
  return Planner(spec, facts).plan();
}

}  // namespace mydocker::cgroup
