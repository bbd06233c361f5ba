// Masks: made as soon as no later mount can cover what they hide, and their source never stays.
#include "unit/samples.hpp"

namespace mydocker::test {
namespace {

Mount file_system(const std::string& type, const std::string& target) {
  Mount out = tmpfs_mount(target);
  out.type = out.source = type;
  return out;
}

std::vector<Step> steps_with(std::vector<Mount> mounts, Masks masks) {
  ContainerSpec spec = bare_spec();
  spec.mounts = std::move(mounts);
  spec.masks = std::move(masks);
  return plan_of(spec).enter;
}

std::size_t place_of(const std::vector<Step>& steps, const std::string& target) {
  std::size_t at = 0;
  while (at < steps.size()) {
    const auto* const mount = std::get_if<MountFileSystem>(&steps[at].action);
    if (mount != nullptr && mount->target == target) break;
    ++at;
  }
  return at;
}

const Masks kMasks{.hidden = {"/proc/kcore"}, .read_only = {"/proc/sys"}};

TEST(MaskPlaces, AreBeforeADevThatCoversTheirSource) {
  const auto steps =
      steps_with({file_system("proc", "/proc"), file_system("tmpfs", "/dev")}, kMasks);
  const auto mask = index_of(steps, MaskPath{"/proc/kcore"});
  EXPECT_LT(place_of(steps, "/proc"), mask);
  EXPECT_LT(mask, place_of(steps, "/dev"));
  EXPECT_LT(index_of(steps, MakeReadOnly{"/proc/sys"}), place_of(steps, "/dev"));
  EXPECT_TRUE(all<DropMaskSource>(steps).empty()) << "/dev covers it";
}

TEST(MaskPlaces, AreBehindEveryMountThatWouldCoverThem) {
  const auto steps = steps_with(
      {file_system("proc", "/proc"), file_system("tmpfs", "/dev"), file_system("tmpfs", "/sys/fs")},
      {.hidden = {"/proc/kcore", "/sys/fs/x"}, .read_only = {}});
  EXPECT_LT(place_of(steps, "/sys/fs"), index_of(steps, MaskPath{"/proc/kcore"}));
  EXPECT_LT(place_of(steps, "/sys/fs"), index_of(steps, MaskPath{"/sys/fs/x"}));
}

TEST(MaskPlaces, AreBehindAMountInsideOfWhatTheyHide) {
  const auto steps = steps_with(
      {file_system("proc", "/proc"), file_system("tmpfs", "/proc/sys/fs/binfmt_misc")}, kMasks);
  EXPECT_LT(place_of(steps, "/proc/sys/fs/binfmt_misc"),
            index_of(steps, MakeReadOnly{"/proc/sys"}));
}

TEST(MaskPlaces, DoNotDependOnFoldersThatBeginAlike) {
  const auto steps = steps_with({file_system("proc", "/proc"), file_system("tmpfs", "/dev"),
                                 file_system("tmpfs", "/proc-of-mine")},
                                kMasks);
  EXPECT_LT(index_of(steps, MaskPath{"/proc/kcore"}), place_of(steps, "/dev"));
}

TEST(MaskSource, IsDroppedWhereNoDevWillCoverIt) {
  for (const auto& mounts :
       {std::vector<Mount>{file_system("proc", "/proc")},
        std::vector<Mount>{file_system("tmpfs", "/dev"), file_system("proc", "/proc")}}) {
    const auto steps = steps_with(mounts, kMasks);
    const auto dropped = index_of(steps, DropMaskSource{});
    ASSERT_LT(dropped, steps.size());
    EXPECT_EQ(index_of(steps, MaskPath{"/proc/kcore"}) + 1, dropped)
        << "directly behind the last mask: /dev is the container's again";
    EXPECT_LT(dropped, index_of(steps, PivotRoot{}));
  }
}

TEST(MaskSource, IsNeverMadeWhereNothingIsHidden) {
  const auto steps =
      steps_with({file_system("proc", "/proc")}, {.hidden = {}, .read_only = {"/proc/sys"}});
  EXPECT_TRUE(all<DropMaskSource>(steps).empty());
  EXPECT_TRUE(has(steps, MakeReadOnly{"/proc/sys"}));
}

TEST(MaskSource, IsOfTheKindThatWasAskedFor) {
  Masks masks = kMasks;
  masks.file = Masks::File::empty;
  EXPECT_TRUE(has(steps_with({file_system("proc", "/proc")}, masks),
                  MaskPath{"/proc/kcore", Masks::File::empty}));
}

TEST(MaskSource, IsOutOfTheWayOfEachMaskBelowDev) {
  ContainerSpec spec = bare_spec();
  spec.mounts = {file_system("proc", "/proc"), file_system("tmpfs", "/dev")};
  spec.devices = {{"/dev/null", 'c', 1, 3}};
  spec.masks.hidden = {"/proc/kcore", "/dev/null", "/dev/other"};
  const auto& steps = plan_of(spec).enter;
  EXPECT_LT(index_of(steps, MakeNode{spec.devices[0]}), index_of(steps, MaskPath{"/dev/null"}));
  for (const char* const path : {"/dev/null", "/dev/other"}) {
    const auto mask = index_of(steps, MaskPath{path});
    ASSERT_LT(mask, steps.size());
    EXPECT_TRUE(steps[mask - 1].action == Action(DropMaskSource{})) << path;
  }
}

TEST(OwnDev, GetsNeitherDevicesNorLinksOfOurs) {
  ContainerSpec spec = spec_of({"-a", "ls"});
  std::erase_if(spec.mounts, [](const Mount& mount) { return mount.target.starts_with("/dev"); });
  spec.mounts.push_back(bind_mount("/dev", "/dev"));
  const auto& enter = plan_of(spec).enter;
  EXPECT_TRUE(all<MakeNode>(enter).empty());
  EXPECT_TRUE(all<BindDevice>(enter).empty());
  EXPECT_TRUE(all<MakeSymlink>(enter).empty());
}

TEST(OwnDev, HasPipesMadeEvenWhereNodesAreBound) {
  ContainerSpec spec = bare_spec();
  spec.namespaces.user = kNewNamespace;
  spec.devices = {{"/dev/pipe", 'p', 0, 0, 0600, 1, 2}, {"/dev/null", 'c', 1, 3}};
  const auto& enter = plan_of(spec).enter;
  EXPECT_EQ(all<MakeNode>(enter), std::vector<MakeNode>{{spec.devices[0]}});
  EXPECT_EQ(all<BindDevice>(enter), (std::vector<BindDevice>{{"/dev/null", "/dev/null"}}));
}

}  // namespace
}  // namespace mydocker::test
