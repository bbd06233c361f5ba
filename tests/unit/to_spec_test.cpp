// The contract's table: defaults, ranges, forms. What is refused stands in refusals_test.cpp.
#include <algorithm>

#include "spec/defaults.hpp"
#include "unit/samples.hpp"

namespace mydocker::test {
namespace {

// The request of -c with these values: swap is counted in, and nothing else is limited.
CgroupRequest limited(std::int64_t memory, unsigned cpu_percent, std::int64_t pids,
                      std::uint16_t io_weight, bool io_weight_was_given) {
  CgroupRequest out;
  out.path = "mydocker/0123456789ab";
  out.resources.memory.limit = out.resources.memory.swap = memory;
  out.resources.cpu.percent = cpu_percent;
  out.resources.pids = pids;
  out.resources.block_io.weight = io_weight;
  out.io_weight_was_given = io_weight_was_given;
  return out;
}

Resources resources_of(const Words& words) { return spec_of(words).cgroup.value().resources; }

TEST(Limits, OfTheOriginalsExample) {
  const ContainerSpec spec = spec_of({"-aUc", "-C", "50", "-I", "20", "-P", "333", "/bin/bash"});
  EXPECT_EQ(spec.cgroup, limited(1073741824, 50, 333, 20, true));
  EXPECT_TRUE(spec.namespaces.user.is_new());
  EXPECT_EQ(spec.process.argv, Words{"/bin/bash"});
}

TEST(Limits, NotGivenTakeTheirDefaults) {
  EXPECT_EQ(spec_of({"-ac", "-M", "5", "ls"}).cgroup, limited(5, 25, 64, 10, false));
  EXPECT_EQ(spec_of({"-ac", "-I", "11", "ls"}).cgroup, limited(1073741824, 25, 64, 11, true));
}

TEST(Limits, AreNoneWithoutTheirOption) {
  EXPECT_EQ(spec_of({"-a", "ls"}).cgroup, std::nullopt);
  // The original fell through from -U into -c; here each is its own.
  EXPECT_EQ(spec_of({"-aU", "ls"}).cgroup, std::nullopt);
}

TEST(Limits, ForAReportOnlyCount) {
  CgroupRequest only_counting;
  only_counting.path = "mydocker/0123456789ab";
  only_counting.accounting = true;
  EXPECT_EQ(spec_of({"-a", "--report", "f", "ls"}).cgroup, only_counting);
  EXPECT_TRUE(spec_of({"-ac", "-C", "5", "--report", "f", "ls"}).cgroup->accounting);
}

TEST(Limits, TakeBothEdgesOfEachRange) {
  EXPECT_EQ(resources_of({"-ac", "-M", "1", "ls"}).memory.limit, 1);
  EXPECT_EQ(resources_of({"-ac", "-M", "4294967296", "ls"}).memory.limit, 4294967296);
  EXPECT_EQ(resources_of({"-ac", "-C", "1", "ls"}).cpu.percent, 1U);
  EXPECT_EQ(resources_of({"-ac", "-C", "100", "ls"}).cpu.percent, 100U);
  EXPECT_EQ(resources_of({"-ac", "-P", "10", "ls"}).pids, 10);
  EXPECT_EQ(resources_of({"-ac", "-P", "32768", "ls"}).pids, 32768);
  EXPECT_EQ(resources_of({"-ac", "-I", "10", "ls"}).block_io.weight, 10U);
  EXPECT_EQ(resources_of({"-ac", "-I", "1000", "ls"}).block_io.weight, 1000U);
}

TEST(Limits, TakeUnitsForMemory) {
  EXPECT_EQ(resources_of({"-ac", "-M", "512m", "ls"}).memory.limit, 512LL << 20);
  EXPECT_EQ(resources_of({"-ac", "-M4G", "ls"}).memory.limit, 4294967296);
  EXPECT_EQ(resources_of({"-ac", "-M", "1K", "ls"}).memory.limit, 1024);
}

TEST(Spec, HasTheContractsDefaults) {
  const ContainerSpec spec = spec_of({"-a", "/bin/ls", "-l"});
  EXPECT_EQ(spec.id, "0123456789ab");
  EXPECT_EQ(spec.hostname, "container");
  EXPECT_EQ(spec.root, (Root{"/srv/root", false}));
  EXPECT_TRUE(spec.namespaces.user.is_inherited());
  EXPECT_EQ(spec.uid_map, std::vector<IdRange>{});
  EXPECT_EQ(spec.gid_map, std::vector<IdRange>{});
  EXPECT_EQ(spec.process.argv, (Words{"/bin/ls", "-l"}));
  EXPECT_EQ(spec.process.workdir, "/");
  EXPECT_EQ(spec.process.user, (User{0, 0, {0}}));
  EXPECT_EQ(spec.process.terminal, std::nullopt);
  EXPECT_FALSE(spec.process.init);
  EXPECT_EQ(spec.mounts, default_mounts(true));
  EXPECT_EQ(spec.devices, default_devices());
  EXPECT_EQ(spec.masks, default_masks());
  EXPECT_EQ(spec.process.capabilities, default_capabilities(true));
  EXPECT_TRUE(spec.process.no_new_privileges);
  EXPECT_EQ(spec.seccomp, SeccompChoice(DefaultAllowlist{}));
  EXPECT_EQ(spec.open_to_others, "");
  EXPECT_EQ(spec.lifetime, Lifetime::with_mydocker);
}

TEST(Spec, MapsTheOriginalsIdsWithAUserNamespace) {
  const ContainerSpec spec = spec_of({"-aU", "ls"});
  EXPECT_EQ(spec.uid_map, (std::vector<IdRange>{{0, 100000, 65536}}));
  EXPECT_EQ(spec.gid_map, spec.uid_map);
  EXPECT_TRUE(spec.root.id_mapped);
  EXPECT_FALSE(spec_of({"-a", "ls"}).root.id_mapped);
}

TEST(Spec, TakesWhatTheOptionsChange) {
  const ContainerSpec spec = spec_of({"-a", "--name", "web-1", "--hostname", "h", "--rootfs", "/r",
                                      "--read-only", "--workdir", "/w", "--init", "ls"});
  EXPECT_EQ(spec.id, "web-1");
  EXPECT_EQ(spec.hostname, "h");
  EXPECT_EQ(spec.root, (Root{"/r", true}));
  EXPECT_EQ(spec.process.workdir, "/w");
  EXPECT_TRUE(spec.process.init);
}

TEST(Environment, IsCleanButForFour) {
  EXPECT_EQ(spec_of({"-a", "--hostname", "h", "ls"}).process.environment,
            (Words{"PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
                   "HOME=/root", "TERM=vt100", "HOSTNAME=h"}));
}

TEST(Environment, TakesValuesAndTheCallersOnlyWhenAsked) {
  const Words environment = spec_of({"-a", "--env", "A=1=2", "--env", "SECRET", "--env", "MISSING",
                                     "--env", "EMPTY=", "ls"})
                                .process.environment;
  ASSERT_EQ(environment.size(), 7U);
  EXPECT_EQ(environment[4], "A=1=2");
  EXPECT_EQ(environment[5], "SECRET=outside");
  EXPECT_EQ(environment[6], "EMPTY=");
}

TEST(Environment, ReplacesAVariableInsteadOfGivingItTwice) {
  const Words environment =
      spec_of({"-a", "--env", "TERM=dumb", "--env", "A=1", "--env", "A=2", "--env", "AB=3", "ls"})
          .process.environment;
  ASSERT_EQ(environment.size(), 6U);
  EXPECT_EQ(environment[2], "TERM=dumb");
  EXPECT_EQ(environment[4], "A=2");
  EXPECT_EQ(environment[5], "AB=3");
}

TEST(Users, ComeFromTheRootsOwnFiles) {
  const ContainerSpec spec = spec_of({"-a", "--user", "app", "ls"});
  EXPECT_EQ(spec.process.user, (User{1000, 1001, {1001, 50}}));
  EXPECT_EQ(spec.process.environment[1], "HOME=/home/app");
}

TEST(Users, AreLookedUpInTheRootThatWasAskedFor) {
  std::string asked;
  auto around = fake_surroundings();
  around.user_files = [&](const Root& root) {
    asked = root.path;
    return UserFiles{};
  };
  static_cast<void>(cli::to_spec(options_of({"-a", "ls"}), around));
  EXPECT_EQ(asked, "") << "nobody needs the files for root";
  static_cast<void>(
      cli::to_spec(options_of({"-a", "--rootfs", "/r", "--user", "5", "ls"}), around));
  EXPECT_EQ(asked, "/r");
}

// What --volume asks for: all mounts below the source too, without set-user-ID bits and devices.
Mount volume(const std::string& source, const std::string& target, bool read_only) {
  Mount out = bind_mount(source, target);
  out.set_below = kNosuidNodev;
  out.set_below.read_only = read_only;
  out.recursive = true;
  out.guarded = true;
  return out;
}

TEST(Volumes, HaveASourceATargetAndAMode) {
  const auto volumes = guarded_mounts(
      spec_of({"-a", "--volume", "/a:/b", "--volume", "c:/d:ro", "--volume", "/e:/f:rw", "ls"}));
  EXPECT_EQ(volumes, (std::vector<Mount>{volume("/a", "/b", false), volume("c", "/d", true),
                                         volume("/e", "/f", false)}));
}

TEST(Volumes, AreIdMappedInAUserNamespace) {
  Mount mapped = volume("/a", "/b", false);
  mapped.id_map = MountIdMap{{}, {}, true};
  EXPECT_EQ(guarded_mounts(spec_of({"-aU", "--volume", "/a:/b", "ls"})),
            std::vector<Mount>{mapped});
}

TEST(Volumes, ComeBehindTheMountsThatEveryContainerHas) {
  const auto mounts = spec_of({"-a", "--volume", "/a:/b", "--tmpfs", "/t", "ls"}).mounts;
  const auto defaults = default_mounts(true);
  ASSERT_EQ(mounts.size(), defaults.size() + 2);
  EXPECT_TRUE(std::equal(defaults.begin(), defaults.end(), mounts.begin()));
}

TEST(Volumes, OnAFolderComeBeforeThoseInIt) {
  Words targets;
  for (const auto& mount :
       guarded_mounts(spec_of({"-a", "--volume", "/a:/x/y/z", "--volume", "/b:/x", "--tmpfs",
                               "//x//y/", "--tmpfs", "/w", "ls"}))) {
    targets.push_back(mount.target);
  }
  EXPECT_EQ(targets, (Words{"/w", "/x", "//x//y/", "/x/y/z"}));
}

TEST(Tmpfs, HasATargetAndPerhapsASize) {
  Mount plain = tmpfs_mount("/t"), sized = tmpfs_mount("/u");
  for (Mount* const mount : {&plain, &sized}) {
    mount->source.clear();
    mount->set = kInert;
    mount->options = {{"mode", "1777"}};
    mount->guarded = true;
  }
  sized.options.emplace_back("size", "67108864");
  EXPECT_EQ(guarded_mounts(spec_of({"-a", "--tmpfs", "/t", "--tmpfs", "/u:64m", "ls"})),
            (std::vector<Mount>{plain, sized}));
}

std::optional<Terminal> terminal_with(std::array<bool, 3> outside, const Words& words) {
  auto around = fake_surroundings();
  around.is_terminal = outside;
  around.rows = 50;
  around.columns = 132;
  return cli::to_spec(options_of(words), around).process.terminal;
}

TEST(Terminals, AreMadeWhenStandardInputIsOne) {
  EXPECT_EQ(terminal_with({true, true, true}, {"-a", "ls"}),
            (Terminal{{true, true, true}, 50, 132}));
  EXPECT_EQ(terminal_with({true, false, true}, {"-a", "ls"}),
            (Terminal{{true, false, true}, 50, 132}));
  EXPECT_EQ(terminal_with({false, true, true}, {"-a", "ls"}), std::nullopt);
  EXPECT_EQ(terminal_with({true, true, true}, {"-a", "--no-tty", "ls"}), std::nullopt);
}

TEST(Terminals, ThatAreAskedForTakeAllThreeWhereThereIsNone) {
  EXPECT_EQ(terminal_with({false, false, false}, {"-a", "--tty", "ls"}),
            (Terminal{{true, true, true}, 50, 132}));
  EXPECT_EQ(terminal_with({true, false, false}, {"-a", "--tty", "ls"}),
            (Terminal{{true, false, false}, 50, 132}));
}

cli::Surroundings of_a_user(std::vector<IdRange> uids) {
  cli::Surroundings out = fake_surroundings();
  out.is_root = false;
  out.own_ids = [uids] { return sys::OwnIds{uids, uids}; };
  return out;
}

TEST(ToSpec, WithoutRootItsIdsAreTheUsersAndNoMountIsMapped) {
  const auto around = of_a_user({{0, 1000, 1}, {1, 500000, 65536}});
  const auto spec = cli::to_spec(options_of({"-aU", "-v", "/a:/b", "/bin/true"}), around);
  EXPECT_TRUE(spec.without_root);
  EXPECT_EQ(spec.uid_map, (std::vector<IdRange>{{0, 1000, 1}, {1, 500000, 65536}}));
  EXPECT_FALSE(spec.root.id_mapped);
  EXPECT_FALSE(spec.mounts.back().id_map);
  const auto planned = cli::to_spec(options_of({"-aU", "--dry-run", "/bin/true"}), around);
  EXPECT_FALSE(planned.without_root) << "a dry run is as if root";
  EXPECT_THROW((void)cli::to_spec(options_of({"-a", "/bin/true"}), around), UsageError);
  EXPECT_THROW((void)cli::to_spec(options_of({"-aU", "--network", "nat", "/bin/true"}), around),
               UsageError);
}

TEST(ToSpec, WithOneIdThereAreNoGroupsToSet) {
  const auto spec = cli::to_spec(options_of({"-aU", "/bin/true"}), of_a_user({{0, 1000, 1}}));
  EXPECT_TRUE(spec.process.user.groups.empty());
  EXPECT_EQ(spec.mounts, default_mounts(false)) << "no group of terminals";
}

}  // namespace
}  // namespace mydocker::test
