// Where an OCI container's cgroups are made, how its first process and those of exec get into them,
// and which cgroup namespace they see.
#include <linux/sched.h>

#include <algorithm>

#include "unit/cgroup_samples.hpp"

namespace mydocker::test {
namespace {

ContainerSpec container(CgroupRequest request) {
  ContainerSpec spec;
  spec.id = "one";
  spec.cgroup = std::move(request);
  spec.namespaces.cgroup = kNewNamespace;
  return spec;
}

std::vector<MakeCgroup> folders(const StagePlan& plan) {
  std::vector<MakeCgroup> out;
  for (const auto& step : plan.prepare) {
    if (const auto* const made = std::get_if<MakeCgroup>(&step.action)) {
      out.push_back(*made);
      EXPECT_EQ(step.undo, (std::vector<Action>{RemoveCgroup{made->top, made->path}}));
    }
  }
  return out;
}

Files moves(const StagePlan& plan) {
  Files out;
  for (const auto& step : plan.enter) {
    if (const auto* const file = std::get_if<WriteFile>(&step.action)) {
      EXPECT_EQ(file->text, "0");
      out.push_back(file->path);
    }
  }
  return out;
}

bool unshares(const StagePlan& plan) {
  return std::any_of(plan.enter.begin(), plan.enter.end(), [](const Step& step) {
    return step.action == Action(Unshare{CLONE_NEWCGROUP});
  });
}

TEST(CgroupPlaces, AreInEveryHierarchyOfV1) {
  const StagePlan plan = cgroup::plan(container(request_of({})), host_of_v1());
  const auto made = folders(plan);
  ASSERT_EQ(made.size(), 11U);
  for (const auto& each : made) {
    EXPECT_TRUE(each.may_exist);
    EXPECT_EQ(each.path, "pods/one");
    EXPECT_EQ(each.controllers, each.top == "/cg/cpuset" ? Files{"cpuset"} : Files{}) << each.top;
  }
  EXPECT_EQ(made.back().top, "/cg/systemd") << "one that has a name and no controller";
  EXPECT_EQ(moves(plan).size(), 11U);
  EXPECT_EQ(moves(plan).front(), "/cg/memory/pods/one/tasks");
  EXPECT_EQ(plan.born_in, "");
  EXPECT_TRUE(unshares(plan)) << "after the moves";
  EXPECT_EQ(plan.clone_flags, 0U);
}

TEST(CgroupPlaces, OfV2NeedSomeControllersAndWishForTheOthers) {
  Resources resources;
  resources.pids = 3;
  resources.unified = {{"memory.high", "1"}};
  const StagePlan plan = cgroup::plan(container(request_of(resources)), host_of_v2());
  const auto made = folders(plan);
  ASSERT_EQ(made.size(), 1U);
  EXPECT_EQ(made[0].controllers, (Files{"pids", "memory"}));
  EXPECT_EQ(made[0].wished, (Files{"cpuset", "cpu", "io", "hugetlb", "rdma", "misc"}));
  EXPECT_EQ(plan.born_in, "/cg/pods/one");
  EXPECT_EQ(plan.clone_flags, std::uint64_t{CLONE_NEWCGROUP});
  EXPECT_EQ(plan.enter.size(), 0U);
}

TEST(CgroupPlaces, OfBothAreEnteredInBothWays) {
  const StagePlan plan = cgroup::plan(container(request_of({})), host_of_both());
  EXPECT_EQ(folders(plan).size(), 5U);
  EXPECT_EQ(plan.born_in, "/cg/unified/pods/one");
  EXPECT_EQ(moves(plan).size(), 4U);
  EXPECT_TRUE(unshares(plan));
}

TEST(CgroupPlaces, HaveOneName) {
  for (const char* const path : {"pods/one", "/pods/one", "//pods/./one/"}) {
    CgroupRequest request = request_of({});
    request.path = path;
    EXPECT_EQ(folders(cgroup::plan(container(request), host_of_v2())).at(0).path, "pods/one");
  }
}

TEST(CgroupPlaces, AreMadeOnceWhereAHierarchyIsMountedTwice) {
  HostFacts host = host_of({cgroup1({"memory"}), cgroup1({"memory"}), cgroup1({}, "systemd"),
                            cgroup1({}, "other"), cgroup2({}, "/cg/unified"), cgroup2({}, "/mnt")});
  EXPECT_EQ(folders(cgroup::plan(container(request_of({})), host)).size(), 4U);
}

TEST(CgroupNamespace, IsInheritedJoinedOrNew) {
  for (const auto& host : {host_of_v1(), host_of_v2()}) {
    ContainerSpec spec = container(request_of({}));
    spec.namespaces.cgroup = {};
    StagePlan plan = cgroup::plan(spec, host);
    EXPECT_EQ(plan.clone_flags, 0U);
    EXPECT_FALSE(unshares(plan));

    spec.namespaces.cgroup = {NamespaceUse::Kind::joined, "/proc/7/ns/cgroup"};
    plan = cgroup::plan(spec, host);
    EXPECT_EQ(plan.clone_flags, 0U);
    EXPECT_EQ(plan.prepare.back().action,
              Action(OpenNamespace{CLONE_NEWCGROUP, "/proc/7/ns/cgroup"}));
    EXPECT_EQ(plan.enter.back().action, Action(JoinNamespaces{CLONE_NEWCGROUP}));
  }
}

TEST(CgroupJoin, MakesAndWritesAndRemovesNothing) {
  Resources resources;
  resources.pids = 3;
  CgroupRequest request = request_of(resources);
  request.join_existing = true;
  ContainerSpec spec = container(request);
  spec.namespaces.cgroup = {};
  const StagePlan both = cgroup::plan(spec, host_of_both());
  EXPECT_EQ(both.prepare.size(), 0U);
  EXPECT_EQ(both.born_in, "/cg/unified/pods/one");
  EXPECT_EQ(moves(both), (Files{"/cg/memory/pods/one/tasks", "/cg/cpu/pods/one/tasks",
                                "/cg/devices/pods/one/tasks", "/cg/systemd/pods/one/tasks"}));
  EXPECT_EQ(std::get<WriteFile>(both.enter[0].action).missing, Missing::is_fine);
}

TEST(CgroupJoin, TakesTheFoldersThatItIsGiven) {
  CgroupRequest request = request_of({});
  request.join_existing = true;
  request.joined_folders = {"/cg/memory/a", "/cg/unified/b/c", "/cg/unified"};
  ContainerSpec spec = container(request);
  spec.namespaces.cgroup = {};
  const StagePlan plan = cgroup::plan(spec, host_of_both());
  EXPECT_EQ(plan.born_in, "/cg/unified");
  EXPECT_EQ(moves(plan), (Files{"/cg/memory/a/tasks"}));
}

TEST(CgroupOwner, IsTheUserWhoMayWriteThere) {
  ContainerSpec spec = container(request_of({}));
  Mount cgroups;
  cgroups.kind = MountKind::cgroups;
  cgroups.target = "/sys/fs/cgroup";
  spec.mounts = {cgroups};
  spec.namespaces.user = kNewNamespace;
  spec.uid_map = {{0, 100000, 1000}};
  spec.process.user.uid = 5;
  const auto given = [](const ContainerSpec& asked, const HostFacts& host) {
    const StagePlan plan = cgroup::plan(asked, host);
    const auto* const last = std::get_if<GiveCgroup>(&plan.prepare.back().action);
    return last == nullptr ? GiveCgroup{} : *last;
  };
  EXPECT_EQ(given(spec, host_of_v2()), (GiveCgroup{"/cg/pods/one", 100005}));
  EXPECT_EQ(given(spec, host_of_both()), (GiveCgroup{"/cg/unified/pods/one", 100005}));
  EXPECT_EQ(given(spec, host_of_v1()), GiveCgroup{}) << "not safe there";
  ContainerSpec other = spec;
  other.mounts[0].set.read_only = true;
  EXPECT_EQ(given(other, host_of_v2()), GiveCgroup{});
  other = spec;
  other.namespaces.cgroup = {};
  EXPECT_EQ(given(other, host_of_v2()), GiveCgroup{});
  other = spec;
  other.process.user.uid = 2000;
  EXPECT_EQ(given(other, host_of_v2()), GiveCgroup{}) << "has no id outside";
  other = spec;
  other.namespaces.user = {};
  other.process.user.uid = 0;
  EXPECT_EQ(given(other, host_of_v2()), GiveCgroup{}) << "root owns it anyway";
}

TEST(CgroupPaths, DoNotLeadUp) {
  const auto complaint = [](const std::string& path) {
    ContainerSpec spec = container(request_of({}));
    spec.cgroup->path = path;
    for (const auto& problem : problems_of(spec)) {
      if (problem.find("cgroup ") == 0) return true;
    }
    return false;
  };
  for (const char* const path : {"", "/", "..", "a/../b", "/a/..", "a\nb", "/./"})
    EXPECT_TRUE(complaint(path)) << path;
  for (const char* const path : {"a", "/a/b", "machine.slice/x..y"})
    EXPECT_FALSE(complaint(path)) << path;
}

}  // namespace
}  // namespace mydocker::test
