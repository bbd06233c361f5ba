// The contract's table: defaults, ranges, forms. What is refused stands in refusals_test.cpp.
#include "unit/samples.hpp"

namespace mydocker::test {
namespace {

TEST(Limits, OfTheOriginalsExample) {
  const ContainerSpec spec = spec_of({"-aUc", "-C", "50", "-I", "20", "-P", "333", "/bin/bash"});
  ASSERT_TRUE(spec.limits);
  EXPECT_EQ(*spec.limits, (Limits{Bytes{1073741824}, 50, 333, 20, true, false}));
  EXPECT_TRUE(spec.namespaces.user);
  EXPECT_EQ(spec.process.argv, Words{"/bin/bash"});
}

TEST(Limits, NotGivenTakeTheirDefaults) {
  EXPECT_EQ(spec_of({"-ac", "-M", "5", "ls"}).limits, (Limits{Bytes{5}, 25, 64, 10, false, false}));
  EXPECT_EQ(spec_of({"-ac", "-I", "11", "ls"}).limits,
            (Limits{Bytes{1073741824}, 25, 64, 11, true, false}));
}

TEST(Limits, AreNoneWithoutTheirOption) {
  EXPECT_EQ(spec_of({"-a", "ls"}).limits, std::nullopt);
  // The original fell through from -U into -c; here each is its own.
  EXPECT_EQ(spec_of({"-aU", "ls"}).limits, std::nullopt);
}

TEST(Limits, ForAReportOnlyCount) {
  const auto limits = spec_of({"-a", "--report", "f", "ls"}).limits;
  EXPECT_EQ(limits, (Limits{std::nullopt, std::nullopt, std::nullopt, std::nullopt, false, true}));
  EXPECT_TRUE(spec_of({"-ac", "-C", "5", "--report", "f", "ls"}).limits->accounting);
}

TEST(Limits, TakeBothEdgesOfEachRange) {
  EXPECT_EQ(spec_of({"-ac", "-M", "1", "ls"}).limits->memory, Bytes{1});
  EXPECT_EQ(spec_of({"-ac", "-M", "4294967296", "ls"}).limits->memory, Bytes{4294967296});
  EXPECT_EQ(spec_of({"-ac", "-C", "1", "ls"}).limits->cpu_percent, 1U);
  EXPECT_EQ(spec_of({"-ac", "-C", "100", "ls"}).limits->cpu_percent, 100U);
  EXPECT_EQ(spec_of({"-ac", "-P", "10", "ls"}).limits->pids, 10U);
  EXPECT_EQ(spec_of({"-ac", "-P", "32768", "ls"}).limits->pids, 32768U);
  EXPECT_EQ(spec_of({"-ac", "-I", "10", "ls"}).limits->io_weight, 10U);
  EXPECT_EQ(spec_of({"-ac", "-I", "1000", "ls"}).limits->io_weight, 1000U);
}

TEST(Limits, TakeUnitsForMemory) {
  EXPECT_EQ(spec_of({"-ac", "-M", "512m", "ls"}).limits->memory, Bytes{512ULL << 20});
  EXPECT_EQ(spec_of({"-ac", "-M4G", "ls"}).limits->memory, Bytes{4294967296});
  EXPECT_EQ(spec_of({"-ac", "-M", "1K", "ls"}).limits->memory, Bytes{1024});
}

TEST(Spec, HasTheContractsDefaults) {
  const ContainerSpec spec = spec_of({"-a", "/bin/ls", "-l"});
  EXPECT_EQ(spec.id, "0123456789ab");
  EXPECT_EQ(spec.hostname, "container");
  EXPECT_EQ(spec.root, (Root{"/srv/root", false}));
  EXPECT_FALSE(spec.namespaces.user);
  EXPECT_EQ(spec.id_map, std::vector<IdRange>{});
  EXPECT_EQ(spec.process.argv, (Words{"/bin/ls", "-l"}));
  EXPECT_EQ(spec.process.workdir, "/");
  EXPECT_EQ(spec.process.user, (User{0, 0, {0}}));
  EXPECT_EQ(spec.process.terminal, std::nullopt);
  EXPECT_FALSE(spec.process.init);
  EXPECT_TRUE(spec.volumes.empty() && spec.tmpfs.empty());
}

TEST(Spec, MapsTheOriginalsIdsWithAUserNamespace) {
  EXPECT_EQ(spec_of({"-aU", "ls"}).id_map, (std::vector<IdRange>{{0, 100000, 65536}}));
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
  around.user_files = [&](const std::string& root) {
    asked = root;
    return UserFiles{};
  };
  static_cast<void>(cli::to_spec(options_of({"-a", "ls"}), around));
  EXPECT_EQ(asked, "") << "nobody needs the files for root";
  static_cast<void>(
      cli::to_spec(options_of({"-a", "--rootfs", "/r", "--user", "5", "ls"}), around));
  EXPECT_EQ(asked, "/r");
}

TEST(Volumes, HaveASourceATargetAndAMode) {
  EXPECT_EQ(
      spec_of({"-a", "--volume", "/a:/b", "--volume", "c:/d:ro", "--volume", "/e:/f:rw", "ls"})
          .volumes,
      (std::vector<Volume>{{"/a", "/b", false}, {"c", "/d", true}, {"/e", "/f", false}}));
}

TEST(Tmpfs, HasATargetAndPerhapsASize) {
  EXPECT_EQ(spec_of({"-a", "--tmpfs", "/t", "--tmpfs", "/u:64m", "ls"}).tmpfs,
            (std::vector<Tmpfs>{{"/t", std::nullopt}, {"/u", Bytes{64ULL << 20}}}));
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

}  // namespace
}  // namespace mydocker::test
