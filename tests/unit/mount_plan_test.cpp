// The mount stage: what is opened on the host, what is mounted in the child and in which order.
#include <algorithm>

#include "spec/defaults.hpp"
#include "unit/samples.hpp"

namespace mydocker::test {
namespace {

std::vector<std::string> targets_of(const std::vector<MountFileSystem>& mounts) {
  std::vector<std::string> out;
  for (const auto& mount : mounts) out.push_back(mount.type + " " + mount.target);
  return out;
}

TEST(Mounts, AreTheContractsOnesInOrder) {
  const auto& enter = plan_for({"-a", "ls"}).enter;
  const auto mounts = all<MountFileSystem>(enter);
  EXPECT_EQ(targets_of(mounts), (Words{"proc /proc", "sysfs /sys", "tmpfs /dev", "devpts /dev/pts",
                                       "tmpfs /dev/shm", "mqueue /dev/mqueue"}));
  for (const auto& mount : mounts) {
    EXPECT_TRUE(mount.flags.nosuid) << mount.target;
    EXPECT_TRUE(mount.flags.noexec) << mount.target;
    EXPECT_FALSE(mount.links) << mount.target << " may not be led elsewhere by a symbolic link";
    EXPECT_EQ(mount.flags.read_only, mount.target == "/sys") << mount.target;
    EXPECT_EQ(mount.flags.nodev, mount.target != "/dev" && mount.target != "/dev/pts")
        << mount.target;
  }
}

TEST(Mounts, BecomePrivateBeforeAnyOther) {
  const auto& enter = plan_for({"-a", "ls"}).enter;
  const auto first = std::find_if(enter.begin(), enter.end(), [](const Step& step) {
    return std::holds_alternative<AttachRoot>(step.action) ||
           std::holds_alternative<MountFileSystem>(step.action);
  });
  EXPECT_LT(index_of(enter, MakeMountsPrivate{}), static_cast<std::size_t>(first - enter.begin()));
}

TEST(Root, IsSetOnTheHostWithoutAUserNamespace) {
  const Plan plan = plan_for({"-a", "ls"});
  EXPECT_TRUE(has(plan.prepare, OpenTree{kRootTree, "/srv/root"}));
  EXPECT_TRUE(has(plan.prepare, private_tree(kRootTree, kNosuidNodev)));
  EXPECT_TRUE(all<SetTree>(plan.attach).empty());
}

TEST(Root, IsIdMappedOnceTheChildsNamespaceExists) {
  const Plan plan = plan_for({"-aU", "--tmpfs", "/t", "--volume", "/a:/b", "ls"});
  EXPECT_TRUE(all<SetTree>(plan.prepare).empty());
  const std::vector<std::pair<std::string, Tree>> points{
      {"/proc", kRootTree}, {"/sys", kRootTree}, {"/dev", kRootTree}, {"/t", kRootTree}, {"/b", 1}};
  SetTree root = mapped_tree(kRootTree, kNosuidNodev);
  root.mount_points = points;
  EXPECT_TRUE(has(plan.attach, root));
  EXPECT_TRUE(has(plan.attach, mapped_tree(1, kNosuidNodev)));
  const auto& attach = plan.attach;
  EXPECT_LT(index_of(attach, WriteFile{"/proc/<child>/uid_map", "0 100000 65536\n"}),
            index_of(attach, mapped_tree(1, kNosuidNodev)))
      << "a namespace without maps cannot map a mount";
}

TEST(Root, BecomesReadOnlyAfterAllThatIsMountedOnIt) {
  const auto& enter =
      plan_for({"-a", "--read-only", "--volume", "/a:/b", "--tmpfs", "/t", "ls"}).enter;
  const auto at = index_of(enter, MakeReadOnly{"/"});
  ASSERT_LT(at, enter.size());
  EXPECT_LT(index_of(enter, AttachTree{1, "/b", true}), at);
  EXPECT_LT(at, index_of(enter, PivotRoot{}));
  EXPECT_FALSE(has(plan_for({"-a", "ls"}).enter, MakeReadOnly{"/"}));
}

TEST(Volumes, AreOpenedOnTheHostAndAttachedInsideInTheirOrder) {
  const Plan plan = plan_for({"-a", "--volume", "/a:/b", "--volume", "/c:/b/d:ro", "ls"});
  MountFlags read_only = kNosuidNodev;
  read_only.read_only = true;
  EXPECT_TRUE(has(plan.prepare, OpenTree{1, "/a"}));
  EXPECT_TRUE(has(plan.prepare, OpenTree{2, "/c"}));
  EXPECT_TRUE(has(plan.prepare, private_tree(1, kNosuidNodev)));
  EXPECT_TRUE(has(plan.prepare, private_tree(2, read_only)));
  EXPECT_EQ(all<AttachTree>(plan.enter),
            (std::vector<AttachTree>{{1, "/b", true}, {2, "/b/d", true}}));
}

TEST(Volumes, AreMountedAfterTheMasksWhichTheyCannotTouch) {
  const auto& enter = plan_for({"-a", "--volume", "/a:/b", "ls"}).enter;
  EXPECT_LT(index_of(enter, MakeReadOnly{"/proc/sysrq-trigger"}),
            index_of(enter, AttachTree{1, "/b", true}));
}

TEST(Volumes, MayLieOverDevicesAndLinks) {
  for (const char* const mode : {"-a", "-aU"}) {
    const auto& enter = plan_for({mode, "--volume", "/a:/dev/random", "ls"}).enter;
    const auto volume = index_of(enter, AttachTree{1, "/dev/random", true});
    ASSERT_LT(volume, enter.size());
    for (const auto& node : all<MakeNode>(enter)) EXPECT_LT(index_of(enter, node), volume);
    for (const auto& device : all<BindDevice>(enter)) EXPECT_LT(index_of(enter, device), volume);
    for (const auto& link : all<MakeSymlink>(enter)) EXPECT_LT(index_of(enter, link), volume);
  }
}

TEST(Tmpfs, HasItsSizeInBytes) {
  const auto& enter = plan_for({"-a", "--tmpfs", "/t:2m", "--tmpfs", "/u", "ls"}).enter;
  MountFileSystem sized{"tmpfs", "/t", kInert, {{"mode", "1777"}, {"size", "2097152"}}, true};
  MountFileSystem plain{"tmpfs", "/u", kInert, {{"mode", "1777"}}, true};
  sized.links = plain.links = true;
  EXPECT_TRUE(has(enter, sized));
  EXPECT_TRUE(has(enter, plain));
}

TEST(Devices, AreMadeWhereTheKernelLetsUs) {
  const auto& enter = plan_for({"-a", "ls"}).enter;
  EXPECT_EQ(all<MakeNode>(enter), (std::vector<MakeNode>{{{"/dev/null", 'c', 1, 3, 0666}},
                                                         {{"/dev/zero", 'c', 1, 5, 0666}},
                                                         {{"/dev/full", 'c', 1, 7, 0666}},
                                                         {{"/dev/random", 'c', 1, 8, 0666}},
                                                         {{"/dev/urandom", 'c', 1, 9, 0666}},
                                                         {{"/dev/tty", 'c', 5, 0, 0666}}}));
  EXPECT_TRUE(all<BindDevice>(enter).empty());
}

TEST(Devices, AreBoundInAUserNamespaceAndWithoutMknod) {
  HostFacts facts = v2_host();
  facts.can_make_nodes = false;
  for (const auto& enter : {plan_for({"-aU", "ls"}).enter, plan_for({"-a", "ls"}, facts).enter}) {
    EXPECT_TRUE(all<MakeNode>(enter).empty());
    EXPECT_EQ(all<BindDevice>(enter).size(), 6U);
    EXPECT_TRUE(has(enter, BindDevice{"/dev/null", "/dev/null"}));
  }
}

TEST(Devices, HaveTheUsualLinksBesideThem) {
  EXPECT_EQ(all<MakeSymlink>(plan_for({"-a", "ls"}).enter),
            (std::vector<MakeSymlink>{{"pts/ptmx", "/dev/ptmx"},
                                      {"/proc/self/fd", "/dev/fd"},
                                      {"/proc/self/fd/0", "/dev/stdin"},
                                      {"/proc/self/fd/1", "/dev/stdout"},
                                      {"/proc/self/fd/2", "/dev/stderr"}}));
}

TEST(Terminals, BelongToTheGroupTtyWhereItIsMapped) {
  const auto options = [](const ContainerSpec& spec) {
    const auto mounts = all<MountFileSystem>(plan_of(spec).enter);
    return std::find_if(mounts.begin(), mounts.end(),
                        [](const auto& m) { return m.type == "devpts"; })
        ->options;
  };
  const std::pair<std::string, std::string> tty{"gid", "5"}, own{"newinstance", ""};
  ContainerSpec spec = spec_of({"-aU", "ls"});
  ASSERT_GE(spec.gid_map.at(0).inside + spec.gid_map.at(0).count, 6U) << "group 5 is mapped";
  EXPECT_EQ(options(spec).front(), own);
  EXPECT_EQ(options(spec).back(), tty);
  spec.mounts = default_mounts(false);
  const auto unmapped = options(spec);
  EXPECT_EQ(std::find(unmapped.begin(), unmapped.end(), tty), unmapped.end())
      << "the kernel would refuse the mount";
}

TEST(Masks, CoverWhatTellsAboutOrChangesTheHost) {
  const auto& enter = plan_for({"-a", "ls"}).enter;
  for (const char* const path :
       {"/proc/kcore", "/proc/keys", "/proc/timer_list", "/proc/sched_debug", "/proc/scsi",
        "/proc/acpi", "/proc/interrupts", "/sys/firmware", "/sys/devices/virtual/powercap"}) {
    EXPECT_TRUE(has(enter, MaskPath{path})) << path;
  }
  for (const char* const path :
       {"/proc/bus", "/proc/fs", "/proc/irq", "/proc/sys", "/proc/sysrq-trigger"}) {
    EXPECT_TRUE(has(enter, MakeReadOnly{path})) << path;
  }
}

TEST(Masks, ComeBeforeTheContainersOwnDev) {
  const auto& enter = plan_for({"-a", "ls"}).enter;
  const auto mounts = all<MountFileSystem>(enter);
  const auto dev = std::find_if(mounts.begin(), mounts.end(), [](const MountFileSystem& mount) {
    return mount.target == "/dev";
  });
  ASSERT_NE(dev, mounts.end());
  for (const auto& mask : all<MaskPath>(enter)) {
    EXPECT_LT(index_of(enter, mask), index_of(enter, *dev)) << "their source is covered by /dev";
  }
}

}  // namespace
}  // namespace mydocker::test
