// The root and the bind mounts as trees: which attributes, which maps, and at which moment.
#include "unit/samples.hpp"

namespace mydocker::test {
namespace {

constexpr MountPropagation kPrivate{Propagation::is_private, true};

ContainerSpec spec_with(Mount mount) {
  ContainerSpec spec = bare_spec();
  spec.mounts = {std::move(mount)};
  return spec;
}

SetTree only_bind(const Plan& plan) {
  for (const auto* const steps : {&plan.prepare, &plan.attach, &plan.enter}) {
    for (const auto& set : all<SetTree>(*steps)) {
      if (set.tree == 1) return set;
    }
  }
  return {};
}

TEST(Trees, ArePrivateUnlessAskedForOtherwise) {
  EXPECT_EQ(only_bind(plan_of(spec_with(bind_mount("/a", "/b")))).propagation, kPrivate);
  Mount shared = bind_mount("/a", "/b");
  shared.propagation = MountPropagation{Propagation::shared, true};
  EXPECT_EQ(only_bind(plan_of(spec_with(shared))).propagation, shared.propagation);
}

TEST(Trees, OfASharedRootAreSlavesUntilThePivot) {
  ContainerSpec spec = bare_spec();
  for (const auto kind : {Propagation::shared, Propagation::slave, Propagation::unbindable}) {
    for (const bool recursive : {false, true}) {
      spec.root.propagation = MountPropagation{kind, recursive};
      const Plan plan = plan_of(spec);
      EXPECT_EQ(all<SetTree>(plan.prepare).at(0).propagation,
                (MountPropagation{Propagation::slave, recursive}));
      const auto at = index_of(plan.enter, SetPropagation{*spec.root.propagation});
      ASSERT_LT(at, plan.enter.size());
      EXPECT_EQ(index_of(plan.enter, PivotRoot{}) + 1, at) << "before it would be refused";
    }
  }
  spec.root.propagation = kPrivate;
  EXPECT_EQ(all<SetTree>(plan_of(spec).prepare).at(0).propagation, kPrivate);
  EXPECT_TRUE(all<SetPropagation>(plan_of(spec).enter).empty());
}

TEST(Trees, HaveAttributesOfTheTopAndOfAllBelow) {
  Mount mount = bind_mount("/a", "/b");
  mount.set.read_only = true;
  mount.clear.nodev = true;
  mount.set_below.nosuid = true;
  mount.clear_below.noexec = true;
  const SetTree set = only_bind(plan_of(spec_with(mount)));
  EXPECT_EQ(set.set, mount.set);
  EXPECT_EQ(set.clear, mount.clear);
  EXPECT_EQ(set.set_below, mount.set_below);
  EXPECT_EQ(set.clear_below, mount.clear_below);
}

TEST(Trees, AreOpenedAsTheyWereAskedFor) {
  Mount mount = bind_mount("/a", "/b");
  EXPECT_TRUE(has(plan_of(spec_with(mount)).prepare, OpenTree{1, "/a", false, false}));
  mount.recursive = mount.may_be_lacking = true;
  EXPECT_TRUE(has(plan_of(spec_with(mount)).prepare, OpenTree{1, "/a", true, true}));
}

TEST(Trees, WithMapsOfTheirOwnAreSetBeforeClone) {
  Mount mount = bind_mount("/a", "/b");
  mount.id_map = MountIdMap{{{0, 1000, 10}}, {{0, 2000, 10}}, false};
  const Plan plan = plan_of(spec_with(mount));
  ASSERT_EQ(all<SetTree>(plan.prepare).size(), 2U);
  EXPECT_EQ(all<SetTree>(plan.prepare)[1].id_map, mount.id_map);
  EXPECT_TRUE(all<SetTree>(plan.attach).empty()) << "nothing of the child is needed";
}

TEST(Trees, WithTheChildsMapsAreSetWhileItWaits) {
  Mount mapped = bind_mount("/a", "/b"), plain = bind_mount("/c", "/d");
  mapped.id_map = MountIdMap{{}, {}, true};
  ContainerSpec spec = bare_spec();
  spec.mounts = {mapped, plain};
  const Plan plan = plan_of(spec);
  ASSERT_EQ(all<SetTree>(plan.attach).size(), 1U);
  EXPECT_EQ(all<SetTree>(plan.attach)[0].tree, 1U);
  EXPECT_EQ(all<SetTree>(plan.attach)[0].id_map, mapped.id_map);
  EXPECT_EQ(all<SetTree>(plan.prepare).size(), 2U) << "the root, and the one without maps";
}

TEST(Trees, AreCopiedInTheChildWhereMyDockerMayNot) {
  HostFacts facts = v2_host();
  facts.can_copy_mounts = false;
  const Plan plan = plan_of(spec_with(bind_mount("/a", "/b")), facts);
  EXPECT_TRUE(all<OpenTree>(plan.prepare).empty());
  EXPECT_TRUE(all<SetTree>(plan.prepare).empty());
  EXPECT_EQ(all<OpenTree>(plan.enter).size(), 2U);
  EXPECT_EQ(all<SetTree>(plan.enter).size(), 2U);
  const auto opened = index_of(plan.enter, OpenTree{kRootTree, "/srv/root"});
  EXPECT_LT(index_of(plan.enter, MakeMountsPrivate{}), opened);
  EXPECT_LT(opened, index_of(plan.enter, AttachRoot{}));
}

TEST(Trees, AreNumberedInTheOrderOfTheBindMounts) {
  ContainerSpec spec = bare_spec();
  spec.mounts = {bind_mount("/a", "/1"), tmpfs_mount("/t"), bind_mount("/b", "/2")};
  const Plan plan = plan_of(spec);
  EXPECT_TRUE(has(plan.prepare, OpenTree{1, "/a", false}));
  EXPECT_TRUE(has(plan.prepare, OpenTree{2, "/b", false}));
  const auto first = index_of(plan.enter, AttachTree{1, "/1"}),
             second = index_of(plan.enter, AttachTree{2, "/2"});
  ASSERT_LT(second, plan.enter.size());
  EXPECT_LT(first, second);
  EXPECT_EQ(second - first, 2U) << "the tmpfs between them";
}

TEST(MountFileSystems, KeepWhatWasAskedFor) {
  Mount mount = tmpfs_mount("/t");
  mount.set = kInert;
  mount.options = {{"size", "1m"}};
  mount.copy_up = true;
  mount.propagation = MountPropagation{Propagation::slave, false};
  MountFileSystem wanted{"tmpfs", "/t", kInert, {{"size", "1m"}}};
  wanted.options.emplace_back("source", "tmpfs");
  wanted.links = wanted.copy_up = true;
  wanted.propagation = *mount.propagation;
  EXPECT_EQ(all<MountFileSystem>(plan_of(spec_with(mount)).enter),
            std::vector<MountFileSystem>{wanted});
}

TEST(MountFileSystems, ThatProtectTheHostAreMountedOnRealFoldersOnly) {
  for (const char* const target : {"/proc", "/sys", "/sys/fs/cgroup", "/dev", "/dev/shm"}) {
    const auto mounts = all<MountFileSystem>(plan_of(spec_with(tmpfs_mount(target))).enter);
    EXPECT_FALSE(mounts.at(0).links) << target;
  }
  for (const char* const target : {"/t", "/process", "/device/x"}) {
    const auto mounts = all<MountFileSystem>(plan_of(spec_with(tmpfs_mount(target))).enter);
    EXPECT_TRUE(mounts.at(0).links) << target;
  }
}

TEST(MountFileSystems, ShowASourceThatIsNotTheirTypesName) {
  Mount mount = tmpfs_mount("/t");
  mount.type = "overlay";
  mount.source = "layers";
  const auto mounts = all<MountFileSystem>(plan_of(spec_with(mount)).enter);
  EXPECT_EQ(mounts.at(0).options,
            (std::vector<std::pair<std::string, std::string>>{{"source", "layers"}}));
}

}  // namespace
}  // namespace mydocker::test
