// `MyDocker verify`: which promises a container's options make, and how the probe gets into it.
#include "cli/verify.hpp"

#include "unit/samples.hpp"

namespace mydocker::test {
namespace {

bool promises(const Words& words, char letter) {
  return cli::promises_of(spec_of(words)).find(letter) != std::string::npos;
}

TEST(Promises, FollowTheOptions) {
  EXPECT_FALSE(promises({"-a", "x"}, 'U'));
  EXPECT_TRUE(promises({"-aU", "x"}, 'U'));
  EXPECT_FALSE(promises({"-a", "x"}, 'm'));
  EXPECT_TRUE(promises({"-ac", "-M", "1m", "x"}, 'm'));
  EXPECT_TRUE(promises({"-ac", "-P", "20", "x"}, 'p'));
  EXPECT_TRUE(promises({"-a", "x"}, 'g'));
  EXPECT_FALSE(promises({"-a", "--user", "app", "x"}, 'g')) << "its group staff was asked for";
}

TEST(Promises, OfCapabilitiesEndWithOneMore) {
  ContainerSpec spec = spec_of({"-a", "x"});
  EXPECT_NE(cli::promises_of(spec).find('k'), std::string::npos);
  spec.process.capabilities.bounding.push_back(21);
  EXPECT_EQ(cli::promises_of(spec).find('k'), std::string::npos);
  EXPECT_TRUE(promises({"-a", "--cap-drop", "ALL", "x"}, 'k')) << "fewer are no door";
}

TEST(Promises, OfTheFilterEndWithoutOne) {
  ContainerSpec spec = spec_of({"-a", "x"});
  EXPECT_NE(cli::promises_of(spec).find('o'), std::string::npos);
  EXPECT_NE(cli::promises_of(spec).find('s'), std::string::npos);
  EXPECT_TRUE(promises({"-a", "x"}, 'i'));
  EXPECT_FALSE(promises({"-a", "--abi32", "x"}, 'i'));
  EXPECT_FALSE(promises({"-a", "--seccomp", "original", "x"}, 's'));
  EXPECT_TRUE(promises({"-a", "--seccomp", "original", "x"}, 'd'));
  spec.seccomp = Unconfined{};
  EXPECT_EQ(cli::promises_of(spec).find('o'), std::string::npos);
}

TEST(Probe, IsPutIntoMemoryOnTheHostAndLookedForNowhere) {
  ContainerSpec spec = spec_of({"-aU", "x"});
  spec.process.is_probe = true;
  const Plan plan = plan_of(spec);
  const auto is_carried = [](const Step& step) { return step.action == Action(CarryProbe{}); };
  EXPECT_TRUE(std::any_of(plan.prepare.begin(), plan.prepare.end(), is_carried));
  EXPECT_FALSE(std::any_of(plan.enter.begin(), plan.enter.end(), [](const Step& step) {
    return std::holds_alternative<FindExecutable>(step.action);
  }));
}

}  // namespace
}  // namespace mydocker::test
