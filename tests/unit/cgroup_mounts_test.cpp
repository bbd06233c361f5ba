// A mount of the kind `cgroups` on every layout, with a cgroup namespace of its own and without.
#include "unit/samples.hpp"

namespace mydocker::test {
namespace {

const MountFlags kReadOnly{.read_only = true, .nosuid = true, .nodev = true, .noexec = true};

ContainerSpec spec_with_cgroups(bool own_namespace, const MountFlags& flags = kInert) {
  ContainerSpec spec = bare_spec();
  Mount mount;
  mount.kind = MountKind::cgroups;
  mount.target = "/sys/fs/cgroup";
  mount.set = flags;
  spec.mounts = {mount};
  spec.cgroup = CgroupRequest{.path = "/engine/web"};
  if (own_namespace) spec.namespaces.cgroup = kNewNamespace;
  return spec;
}

HostFacts hybrid_host() {
  return host_with({v1({"memory"}, "/sys/fs/cgroup/memory"),
                    v1({}, "/sys/fs/cgroup/systemd", "systemd"),
                    v2({"pids"}, "/sys/fs/cgroup/unified")});
}

MountFileSystem folder_of_hierarchies() {
  return {"tmpfs", "/sys/fs/cgroup", kInert, {{"mode", "755"}}};
}

TEST(CgroupFileSystems, OfV2AreOneMount) {
  const auto& enter = plan_of(spec_with_cgroups(true, kReadOnly), v2_host()).enter;
  EXPECT_EQ(all<MountFileSystem>(enter),
            (std::vector<MountFileSystem>{{"cgroup2", "/sys/fs/cgroup", kReadOnly, {}}}));
  EXPECT_TRUE(all<BindFolder>(enter).empty());
  EXPECT_TRUE(all<MakeReadOnly>(enter).empty()) << "it is mounted read-only at once";
}

TEST(CgroupFileSystems, OfV1AreOneMountAHierarchy) {
  const auto& enter = plan_of(spec_with_cgroups(true), v1_host()).enter;
  EXPECT_EQ(all<MountFileSystem>(enter),
            (std::vector<MountFileSystem>{
                folder_of_hierarchies(),
                {"cgroup", "/sys/fs/cgroup/cpu,cpuacct", kInert, {{"cpu", ""}, {"cpuacct", ""}}},
                {"cgroup", "/sys/fs/cgroup/blkio", kInert, {{"blkio", ""}}},
                {"cgroup", "/sys/fs/cgroup/memory", kInert, {{"memory", ""}}},
                {"cgroup", "/sys/fs/cgroup/pids", kInert, {{"pids", ""}}}}));
}

TEST(CgroupFileSystems, OfBothAtOnceNameHierarchiesWithoutControllers) {
  const auto& enter = plan_of(spec_with_cgroups(true), hybrid_host()).enter;
  EXPECT_EQ(all<MountFileSystem>(enter),
            (std::vector<MountFileSystem>{
                folder_of_hierarchies(),
                {"cgroup", "/sys/fs/cgroup/memory", kInert, {{"memory", ""}}},
                {"cgroup", "/sys/fs/cgroup/systemd", kInert, {{"name", "systemd"}}},
                {"cgroup2", "/sys/fs/cgroup/unified", kInert, {}}}));
}

TEST(CgroupFileSystems, OfTheHostShowNothingAboveTheContainersOwn) {
  const auto& v2 = plan_of(spec_with_cgroups(false, kReadOnly), v2_host()).enter;
  EXPECT_TRUE(all<MountFileSystem>(v2).empty());
  EXPECT_EQ(all<BindFolder>(v2),
            (std::vector<BindFolder>{{"/sys/fs/cgroup/engine/web", "/sys/fs/cgroup", kReadOnly}}));
  const auto& both = plan_of(spec_with_cgroups(false), hybrid_host()).enter;
  EXPECT_EQ(all<MountFileSystem>(both), std::vector<MountFileSystem>{folder_of_hierarchies()});
  EXPECT_EQ(all<BindFolder>(both),
            (std::vector<BindFolder>{
                {"/sys/fs/cgroup/memory/engine/web", "/sys/fs/cgroup/memory", kInert},
                {"/sys/fs/cgroup/systemd/engine/web", "/sys/fs/cgroup/systemd", kInert},
                {"/sys/fs/cgroup/unified/engine/web", "/sys/fs/cgroup/unified", kInert}}));
}

TEST(CgroupFileSystems, OfTheHostAreNotShownAtAllWithoutACgroup) {
  ContainerSpec spec = spec_with_cgroups(false);
  spec.cgroup.reset();
  EXPECT_TRUE(all<BindFolder>(plan_of(spec, v2_host()).enter).empty());
  EXPECT_TRUE(all<MountFileSystem>(plan_of(spec, v2_host()).enter).empty());
}

TEST(CgroupFileSystems, BecomeReadOnlyWhenTheirFoldersHaveBeenMade) {
  const auto& enter = plan_of(spec_with_cgroups(true, kReadOnly), hybrid_host()).enter;
  const auto mounts = all<MountFileSystem>(enter);
  ASSERT_EQ(mounts.size(), 4U);
  EXPECT_EQ(mounts[0], folder_of_hierarchies()) << "still writable";
  EXPECT_TRUE(mounts[1].flags.read_only && mounts[2].flags.read_only && mounts[3].flags.read_only);
  const auto locked = index_of(enter, MakeReadOnly{"/sys/fs/cgroup", true});
  ASSERT_LT(locked, enter.size());
  EXPECT_LT(index_of(enter, mounts[3]), locked);
}

}  // namespace
}  // namespace mydocker::test
