// The landlock stage: what it asks for, when, and when not. And which rights the kernel is asked for.
#include <fcntl.h>
#include <linux/capability.h>
#include <linux/landlock.h>

#include "helpers/file_rights.hpp"
#include "unit/samples.hpp"

namespace mydocker::test {
namespace {

using file_rights::kDeviceControl, file_rights::kTruncate;

constexpr std::uint64_t kReading =
    LANDLOCK_ACCESS_FS_EXECUTE | LANDLOCK_ACCESS_FS_READ_FILE | LANDLOCK_ACCESS_FS_READ_DIR;

HostFacts host_of_abi(int abi) {
  HostFacts facts = v2_host();
  facts.landlock_abi = abi;
  return facts;
}

std::vector<RestrictFiles> seals(const Words& words, const HostFacts& facts = v2_host()) {
  return all<RestrictFiles>(plan_for(words, facts).enter);
}

TEST(FileRights, AreThoseOfTheAbi) {
  EXPECT_EQ(file_rights::all(0), 0U);
  EXPECT_EQ(file_rights::all(1), (LANDLOCK_ACCESS_FS_MAKE_SYM << 1) - 1);
  EXPECT_EQ(file_rights::all(2), file_rights::all(1) | LANDLOCK_ACCESS_FS_REFER);
  EXPECT_EQ(file_rights::all(3), file_rights::all(2) | kTruncate);
  EXPECT_EQ(file_rights::all(4), file_rights::all(3)) << "ABI 4 brought the network's";
  EXPECT_EQ(file_rights::all(5), file_rights::all(3) | kDeviceControl);
  EXPECT_EQ(file_rights::all(99), file_rights::all(5));
}

TEST(FileRights, OfWhatIsOpenAreThoseOfItsAccessMode) {
  constexpr std::uint64_t kRead = LANDLOCK_ACCESS_FS_READ_FILE,
                          kWrite = LANDLOCK_ACCESS_FS_WRITE_FILE;
  EXPECT_EQ(file_rights::of_open(O_RDONLY | O_CLOEXEC), kRead | kDeviceControl);
  EXPECT_EQ(file_rights::of_open(O_WRONLY | O_APPEND), kWrite | kTruncate | kDeviceControl);
  EXPECT_EQ(file_rights::of_open(O_RDWR), kRead | kWrite | kTruncate | kDeviceControl);
  EXPECT_EQ(file_rights::of_open(O_PATH), 0U) << "nothing can be read through it";
}

TEST(LandlockStage, SealsTheRootWithAllThatTheKernelKnows) {
  for (const int abi : {2, 3, 5, 7}) {
    const std::uint64_t all = file_rights::all(abi);
    EXPECT_EQ(seals({"-a", "ls"}, host_of_abi(abi)),
              (std::vector<RestrictFiles>{{all, {{"/", all}}, {0, 1, 2}}}));
  }
}

TEST(LandlockStage, StandsBehindTheLastMountAndBeforeTheFilter) {
  const Plan plan = plan_for({"-aU", "--volume", "/a:/b", "--read-only", "ls"});
  const auto seal = index_of(plan.enter, all<RestrictFiles>(plan.enter).at(0));
  EXPECT_GT(seal, index_of(plan.enter, PivotRoot{}));
  EXPECT_GT(seal, index_of(plan.enter, NoNewPrivileges{}));
  EXPECT_GT(seal, index_of(plan.enter, Rendezvous{})) << "the entrypoint has been found by then";
  EXPECT_LT(seal, index_of(plan.enter, all<LoadSeccomp>(plan.enter).at(0)));
}

TEST(LandlockStage, GrantsNoDescriptorThatIsOnTheContainersTerminal) {
  ContainerSpec spec = spec_of({"-a", "ls"});
  spec.process.terminal = Terminal{{true, false, true}};
  EXPECT_EQ(all<RestrictFiles>(plan_of(spec).enter).at(0).descriptors, std::vector<unsigned>{1});
}

TEST(LandlockStage, ShutsAbstractSocketsOfASharedNetwork) {
  ContainerSpec spec = spec_of({"-a", "ls"});
  EXPECT_FALSE(all<RestrictFiles>(plan_of(spec).enter).at(0).shuts_abstract_sockets)
      << "its own network has its own";
  spec.namespaces.network = {};
  EXPECT_TRUE(all<RestrictFiles>(plan_of(spec, host_of_abi(6)).enter).at(0).shuts_abstract_sockets);
  EXPECT_FALSE(
      all<RestrictFiles>(plan_of(spec, host_of_abi(5)).enter).at(0).shuts_abstract_sockets);
}

TEST(LandlockStage, LeavesOutWhatItCannotSeal) {
  EXPECT_TRUE(seals({"-a", "ls"}, host_of_abi(0)).empty()) << "no Landlock";
  EXPECT_TRUE(seals({"-a", "ls"}, host_of_abi(1)).empty()) << "it would refuse renames";
  ContainerSpec spec = spec_of({"-a", "ls"});
  spec.process.capabilities.bounding.push_back(CAP_SYS_ADMIN);
  EXPECT_TRUE(all<RestrictFiles>(plan_of(spec).enter).empty()) << "it may mount";
  EXPECT_TRUE(all<RestrictFiles>(plan_of(bare_spec()).enter).empty()) << "nobody asked";
}

TEST(LandlockStage, PutsPathsInThePlaceOfTheRoot) {
  const std::uint64_t all = file_rights::all(5);
  const auto found = seals(
      {"-a", "--landlock-rw", "/tmp", "--landlock-ro", "/usr", "--landlock-ro", "/bin", "ls"});
  ASSERT_EQ(found.size(), 1U);
  EXPECT_EQ(
      found[0].rules,
      (std::vector<FileRule>{
          {"/usr", kReading}, {"/bin", kReading}, {"/tmp", all}, {"/dev", all}, {"/proc", all}}));
}

TEST(LandlockStage, RefusesPathsThatItCannotKeepAsAPromise) {
  EXPECT_THROW((void)seals({"-a", "--landlock-ro", "/", "ls"}, host_of_abi(0)), SetupError);
  EXPECT_THROW((void)seals({"-a", "--landlock-rw", "/", "ls"}, host_of_abi(1)), SetupError);
  EXPECT_EQ(refusal_of({"-a", "--landlock-ro", "etc", "ls"}),
            "landlock path 'etc': has to be an absolute path inside the container");
  EXPECT_EQ(refusal_of({"-a", "--landlock-rw", "/a\nb", "ls"}),
            "landlock path '/a\\x0ab': has to be an absolute path inside the container");
}

TEST(LandlockStage, IsAbleToSealWithoutNoNewPrivileges) {
  ContainerSpec spec = spec_of({"-a", "ls"});
  spec.process.no_new_privileges = false;
  spec.seccomp = Unconfined{};
  EXPECT_EQ(all<SetCapabilities>(plan_of(spec).enter).at(0).until_exec,
            std::vector<int>{CAP_SYS_ADMIN});
}

}  // namespace
}  // namespace mydocker::test
