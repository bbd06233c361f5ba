// Cgroup layouts: mountinfo as several systems have it, and trees of files that look like theirs.
#include "sys/cgroups.hpp"

#include <filesystem>

#include "support/host.hpp"
#include "unit/fake_tree.hpp"
#include "unit/samples.hpp"

namespace mydocker::test {
namespace {

using sys::parse_cgroup_mounts;

TEST(CgroupMounts, OfV2Alone) {
  const auto found = parse_cgroup_mounts(
      "22 1 8:1 / / rw,relatime shared:1 - ext4 /dev/sda1 rw\n"
      "26 22 0:24 / /sys/fs/cgroup rw,nosuid,nodev,noexec,relatime shared:4 - cgroup2 cgroup2 "
      "rw,nsdelegate\n"
      "27 22 0:25 / /proc rw - proc proc rw\n");
  EXPECT_EQ(found, (std::vector<CgroupHierarchy>{v2({})}));
}

TEST(CgroupMounts, OfV1WithControllersMountedTogether) {
  const auto found = parse_cgroup_mounts(
      "30 25 0:26 / /sys/fs/cgroup/systemd rw - cgroup cgroup rw,xattr,name=systemd\n"
      "31 25 0:27 / /sys/fs/cgroup/cpu,cpuacct rw,nosuid shared:9 - cgroup cgroup rw,cpu,cpuacct\n"
      "32 25 0:28 / /sys/fs/cgroup/memory rw shared:10 master:2 - cgroup none rw,memory\n"
      "33 25 0:29 / /sys/fs/cgroup/net_cls,net_prio rw - cgroup cgroup rw,net_cls,net_prio\n");
  EXPECT_EQ(found, (std::vector<CgroupHierarchy>{
                       v1({}, "/sys/fs/cgroup/systemd", "systemd"),
                       v1({"cpu", "cpuacct"}, "/sys/fs/cgroup/cpu,cpuacct"),
                       v1({"memory"}, "/sys/fs/cgroup/memory"),
                       v1({"net_cls", "net_prio"}, "/sys/fs/cgroup/net_cls,net_prio")}));
}

TEST(CgroupMounts, OfBothAtOnce) {
  const auto found = parse_cgroup_mounts(
      "32 31 0:29 / /sys/fs/cgroup/cpu rw,relatime - cgroup cgroup rw,cpu\n"
      "39 31 0:36 / /sys/fs/cgroup/pids rw,relatime - cgroup cgroup rw,pids\n"
      "41 31 0:38 / /sys/fs/cgroup/unified rw,relatime - cgroup2 cgroup2 rw\n");
  EXPECT_EQ(found, (std::vector<CgroupHierarchy>{v1({"cpu"}, "/sys/fs/cgroup/cpu"),
                                                 v1({"pids"}, "/sys/fs/cgroup/pids"),
                                                 v2({}, "/sys/fs/cgroup/unified")}));
}

TEST(CgroupMounts, HaveEscapesInTheirPathsUndone) {
  const auto found = parse_cgroup_mounts(
      "26 22 0:24 / /mnt/a\\040b\\011c\\134d\\012e rw - cgroup2 cgroup2 rw\n"
      "27 22 0:24 / /mnt/half\\04 rw - cgroup2 cgroup2 rw\n"
      "28 22 0:24 / /mnt/none\\089 rw - cgroup2 cgroup2 rw\n"
      "29 22 0:24 / /mnt/end\\040 rw - cgroup2 cgroup2 rw\n");
  ASSERT_EQ(found.size(), 4U);
  EXPECT_EQ(found[0].mount_point, "/mnt/a b\tc\\d\ne");
  EXPECT_EQ(found[1].mount_point, "/mnt/half\\04");
  EXPECT_EQ(found[2].mount_point, "/mnt/none\\089");
  EXPECT_EQ(found[3].mount_point, "/mnt/end ");
}

TEST(CgroupMounts, AreNotFoundInGarbage) {
  for (const char* const line :
       {"", "\n\n", "-", "- - - -", "cgroup2", "26 22 0:24 / /a rw - cgroup2",
        "26 22 0:24 / /a rw cgroup2 cgroup2 rw", "- cgroup2 cgroup2 rw",
        "26 22 0:24 / /a rw - tmpfs cgroup2 rw", "26 22 0:24 / /a rw - cgroup3 cgroup rw,memory"}) {
    EXPECT_EQ(parse_cgroup_mounts(line), std::vector<CgroupHierarchy>{}) << line;
  }
  EXPECT_EQ(
      parse_cgroup_mounts(std::string(100000, ' ') + "\n26 22 0:24 / /a rw - cgroup2 cgroup2 rw")
          .size(),
      1U);
}

TEST(CgroupMounts, DoNotTakeAnOptionForAControllerByItsPart) {
  const auto found =
      parse_cgroup_mounts("26 22 0:24 / /a rw - cgroup cgroup rw,name=memory,release_agent=/cpu\n");
  ASSERT_EQ(found.size(), 1U);
  EXPECT_EQ(found[0].controllers, std::vector<std::string>{});
}

constexpr const char* kOneV2 = "26 22 0:24 / /sys/fs/cgroup rw - cgroup2 cgroup2 rw\n";

TEST(CgroupLayouts, KnowTheControllersOfV2ByItsFiles) {
  const FakeTree tree;
  tree.write("/proc/self/mountinfo", kOneV2);
  tree.write("/sys/fs/cgroup/cgroup.controllers", "cpuset cpu io memory pids\n");
  tree.write("/sys/fs/cgroup/cgroup.procs", "1\n2\n");
  const CgroupLayout layout = sys::read_cgroup_layout(tree.path());
  EXPECT_EQ(layout.hierarchies,
            (std::vector<CgroupHierarchy>{
                v2({"cpuset", "cpu", "io", "memory", "pids"}, tree.path() + "/sys/fs/cgroup")}))
      << "the kernel's own root may hold processes";
}

TEST(CgroupLayouts, AskToLeaveForALeafWhereADelegatedTopHoldsProcesses) {
  const FakeTree tree;
  tree.write("/proc/self/mountinfo", kOneV2);
  tree.write("/sys/fs/cgroup/cgroup.controllers", "memory pids\n");
  tree.write("/sys/fs/cgroup/cgroup.type", "domain\n");
  tree.write("/sys/fs/cgroup/cgroup.procs", "1\n");
  EXPECT_TRUE(sys::read_cgroup_layout(tree.path()).hierarchies.at(0).leave_for_leaf);
  tree.write("/sys/fs/cgroup/cgroup.procs", "");
  EXPECT_FALSE(sys::read_cgroup_layout(tree.path()).hierarchies.at(0).leave_for_leaf);
}

TEST(CgroupLayouts, OfBothAtOnceBindEachControllerOnce) {
  const FakeTree tree;
  tree.write("/proc/self/mountinfo",
             "32 31 0:29 / /sys/fs/cgroup/memory rw - cgroup cgroup rw,memory\n"
             "40 31 0:29 / /mnt/again rw - cgroup cgroup rw,memory\n"
             "41 31 0:38 / /sys/fs/cgroup/unified rw - cgroup2 cgroup2 rw\n");
  tree.write("/sys/fs/cgroup/unified/cgroup.controllers", "pids\n");
  const CgroupLayout layout = sys::read_cgroup_layout(tree.path());
  ASSERT_NE(layout.find("memory"), nullptr);
  EXPECT_EQ(layout.find("memory")->mount_point, tree.path() + "/sys/fs/cgroup/memory");
  ASSERT_NE(layout.find("pids"), nullptr);
  EXPECT_EQ(layout.find("pids")->version, 2);
  EXPECT_EQ(layout.find("cpu"), nullptr);
}

TEST(CgroupLayouts, OfAV2WithoutControllersServeNone) {
  const FakeTree tree;
  tree.write("/proc/self/mountinfo", kOneV2);
  EXPECT_EQ(sys::read_cgroup_layout(tree.path()).find("memory"), nullptr);
}

TEST(CgroupFolders, LieBelowOurOwnInTheHierarchy) {
  EXPECT_EQ(default_cgroup_path("web"), "mydocker/web");
  EXPECT_EQ(cgroup_folder(v2({}), default_cgroup_path("web")), "/sys/fs/cgroup/mydocker/web");
  EXPECT_EQ(cgroup_folder(v2({}), "/engine/web"), "/sys/fs/cgroup/engine/web")
      << "a path of an engine begins with a slash";
}

TEST(CgroupFolders, EnableControllersFromTheTopDown) {
  const FakeTree tree;
  const std::string top = tree.path();
  tree.write("/cgroup.subtree_control", "cpu pids\n");
  tree.write("/mydocker/cgroup.subtree_control", "");
  sys::make_cgroup(2, top, "mydocker/web", {.controllers = {"memory", "pids"}});
  EXPECT_TRUE(std::filesystem::is_directory(top + "/mydocker/web"));
  EXPECT_EQ(tree.read("/cgroup.subtree_control").substr(0, 7), "+memory")
      << "pids is enabled there already";
  EXPECT_EQ(tree.read("/mydocker/cgroup.subtree_control").substr(0, 5), "+pids")
      << "the last one written";
}

TEST(CgroupFolders, AreMadeWithAllThatIsMissingAbove) {
  const FakeTree tree;
  const std::string top = tree.path();
  for (const char* const folder : {"", "/a", "/a/b"})
    tree.write(std::string(folder) + "/cgroup.subtree_control", "");
  sys::make_cgroup(2, top, "a/b/c", {.controllers = {"memory"}, .wished = {"cpu"}});
  EXPECT_TRUE(std::filesystem::is_directory(top + "/a/b/c"));
  for (const char* const folder : {"", "/a", "/a/b"}) {
    EXPECT_EQ(tree.read(std::string(folder) + "/cgroup.subtree_control"), "+cpuory")
        << folder << ": first +memory, then +cpu in the same place";
  }
  EXPECT_FALSE(std::filesystem::exists(top + "/a/b/c/cgroup.subtree_control"))
      << "who holds processes enables nothing";
  sys::make_cgroup(1, top, "/x//y/z", {});
  EXPECT_TRUE(std::filesystem::is_directory(top + "/x/y/z"));
}

TEST(CgroupFolders, ThatFailLeaveNothingOfWhatTheyMadeAbove) {
  const FakeTree tree;
  std::filesystem::create_directories(tree.path() + "/kept");
  EXPECT_THROW(sys::make_cgroup(1, tree.path(), "kept/a/b/" + std::string(300, 'x'), {}),
               std::system_error);
  EXPECT_FALSE(std::filesystem::exists(tree.path() + "/kept/a"));
  EXPECT_TRUE(std::filesystem::exists(tree.path() + "/kept"));
}

TEST(CgroupFolders, ThatFailAgainAndAgainLeaveNothingEither) {
  const FakeTree tree;
  for (const char* const folder : {"", "/kept"})
    tree.write(std::string(folder) + "/cgroup.subtree_control", "memory\n");
  // The new folder /kept/a has no files here: ENOENT, as if a neighbour had removed it.
  EXPECT_THROW(sys::make_cgroup(2, tree.path(), "kept/a/b/c", {.controllers = {"memory"}}),
               std::system_error);
  EXPECT_FALSE(std::filesystem::exists(tree.path() + "/kept/a"));
}

TEST(CgroupFolders, ThatExistAreTakenOverOnlyIfNobodyIsInThem) {
  const FakeTree tree;
  const sys::NewCgroup taken_over{.may_exist = true};
  tree.write("/engine/web/cgroup.procs", "");
  EXPECT_NO_THROW(sys::make_cgroup(1, tree.path(), "engine/web", taken_over));
  EXPECT_THROW(sys::make_cgroup(1, tree.path(), "engine/web", {}), std::system_error);
  tree.write("/engine/web/cgroup.procs", "17\n");
  try {
    sys::make_cgroup(1, tree.path(), "engine/web", taken_over);
    ADD_FAILURE() << "another's processes are in it";
  } catch (const std::system_error& error) {
    EXPECT_EQ(error.code().value(), EBUSY);
  }
  tree.write("/engine/folder/x", "");
  EXPECT_THROW(sys::make_cgroup(1, tree.path(), "engine/folder", taken_over), std::system_error)
      << "no cgroup at all";
}

TEST(CgroupFolders, OfV1sCpusetGetWhatTheFolderAboveHas) {
  const FakeTree tree;
  tree.write("/cpuset.cpus", "0-3\n");
  tree.write("/cpuset.mems", "0\n");
  for (const char* const folder : {"/engine", "/engine/web"}) {
    tree.write(std::string(folder) + "/cpuset.cpus", "\n");
    tree.write(std::string(folder) + "/cpuset.mems", "1\n");
  }
  tree.write("/engine/web/cgroup.procs", "");
  sys::make_cgroup(1, tree.path(), "engine/web", {.controllers = {"cpuset"}, .may_exist = true});
  EXPECT_EQ(tree.read("/engine/cpuset.cpus"), "0-3");
  EXPECT_EQ(tree.read("/engine/web/cpuset.cpus"), "0-3");
  EXPECT_EQ(tree.read("/engine/web/cpuset.mems"), "1\n") << "what is set stays";
}

TEST(CgroupFolders, OfTheSameNameAreRefused) {
  const FakeTree tree;
  sys::make_cgroup(1, tree.path(), "mydocker/web", {});
  EXPECT_THROW(sys::make_cgroup(1, tree.path(), "mydocker/web", {}), std::system_error);
}

TEST(CgroupFolders, AreRemovedWithOursWhenTheLastGoes) {
  const FakeTree tree;
  sys::make_cgroup(1, tree.path(), "mydocker/one", {});
  sys::make_cgroup(1, tree.path(), "mydocker/two", {});
  EXPECT_TRUE(sys::remove_cgroup(tree.path(), "mydocker/one"));
  EXPECT_TRUE(std::filesystem::exists(tree.path() + "/mydocker/two"));
  EXPECT_TRUE(sys::remove_cgroup(tree.path(), "mydocker/two"));
  EXPECT_FALSE(std::filesystem::exists(tree.path() + "/mydocker"));
  EXPECT_TRUE(sys::remove_cgroup(tree.path(), "mydocker/two")) << "what is gone already is removed";
}

TEST(CgroupMounts, OfAnEmptySourceAreFound) {
  EXPECT_EQ(parse_cgroup_mounts("26 22 0:24 / /a rw - cgroup2  rw\n").size(), 1U);
}

}  // namespace
}  // namespace mydocker::test
