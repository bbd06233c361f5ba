// Hosts with each kind of cgroup layout, and what is written into an OCI container's folder there.
#pragma once

#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <vector>

#include "mydocker/error.hpp"
#include "namespaces/cgroup/cgroup_stage.hpp"

namespace mydocker::test {

inline CgroupHierarchy cgroup1(std::vector<std::string> controllers, std::string name = "") {
  const std::string folder = controllers.empty() ? name : controllers.front();
  return {1, "/cg/" + folder, std::move(controllers), false, std::move(name)};
}

inline CgroupHierarchy cgroup2(std::vector<std::string> controllers,
                               std::string mount_point = "/cg") {
  return {2, std::move(mount_point), std::move(controllers), false, {}};
}

inline HostFacts host_of(std::vector<CgroupHierarchy> hierarchies) {
  HostFacts facts;
  facts.has_swap = true;
  facts.cgroups.hierarchies = std::move(hierarchies);
  return facts;
}

inline HostFacts host_of_v1() {
  return host_of({cgroup1({"memory"}), cgroup1({"cpu", "cpuacct"}), cgroup1({"cpuset"}),
                  cgroup1({"pids"}), cgroup1({"blkio"}), cgroup1({"hugetlb"}),
                  cgroup1({"net_cls", "net_prio"}), cgroup1({"rdma"}), cgroup1({"devices"}),
                  cgroup1({"freezer"}), cgroup1({}, "systemd")});
}

inline HostFacts host_of_v2() {
  return host_of({cgroup2({"cpuset", "cpu", "io", "memory", "hugetlb", "pids", "rdma", "misc"})});
}

// v1 for all but hugetlb.
inline HostFacts host_of_both() {
  return host_of({cgroup1({"memory"}), cgroup1({"cpu"}), cgroup1({"devices"}),
                  cgroup1({}, "systemd"), cgroup2({"hugetlb"}, "/cg/unified")});
}

inline CgroupRequest request_of(Resources resources) {
  CgroupRequest out;
  out.path = "/pods/one";
  out.resources = std::move(resources);
  out.every_hierarchy = true;
  return out;
}

// "memory/pods/one/memory.max=64", in order; a choice of files has '|' between them.
inline std::vector<std::string> written(const Resources& resources, const HostFacts& facts) {
  const auto shown = [](const std::string& file, const std::string& text) {
    return file.substr(std::string("/cg/").size()) + "=" + text;
  };
  std::vector<std::string> out;
  for (const auto& step : cgroup::plan_update(request_of(resources), facts).prepare) {
    if (const auto* const file = std::get_if<WriteFile>(&step.action))
      out.push_back(shown(file->path, file->text));
    if (const auto* const weight = std::get_if<WriteWeight>(&step.action)) {
      std::string all;
      for (const auto& [file, text] : weight->files_and_texts)
        all += (all.empty() ? "" : " | ") + shown(file, text);
      out.push_back(all);
    }
  }
  return out;
}

inline std::vector<std::string> noticed(const Resources& resources, const HostFacts& facts) {
  return cgroup::plan_update(request_of(resources), facts).notices;
}

// The refusal, or a sentence that no test expects.
inline std::string refused(const Resources& resources, const HostFacts& facts) {
  try {
    static_cast<void>(cgroup::plan_update(request_of(resources), facts));
  } catch (const SetupError& error) {
    return error.doing() + ": " + error.hint();
  }
  return "it was accepted";
}

using Files = std::vector<std::string>;

}  // namespace mydocker::test
