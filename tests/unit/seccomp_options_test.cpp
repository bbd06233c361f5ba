// --seccomp, --abi32, --seccomp-log, --seccomp-learn: from words to the plan.
#include "unit/samples.hpp"

namespace mydocker::test {
namespace {

LoadSeccomp filter_of(const Words& words) { return all<LoadSeccomp>(plan_for(words).enter).at(0); }

TEST(SeccompOptions, ChooseAList) {
  const auto list = [](const Words& words) { return spec_of(words).seccomp; };
  EXPECT_EQ(list({"-a", "/x"}), SeccompChoice(DefaultAllowlist{}));
  EXPECT_EQ(list({"-a", "--seccomp", "default", "/x"}), SeccompChoice(DefaultAllowlist{}));
  EXPECT_EQ(list({"-a", "--abi32", "/x"}), SeccompChoice(DefaultAllowlist{true}));
  EXPECT_EQ(list({"-a", "--seccomp", "original", "/x"}), SeccompChoice(OriginalDenylist{}));
  EXPECT_EQ(list({"-a", "--seccomp=unconfined", "/x"}), SeccompChoice(Unconfined{}));
  for (const std::string file : {"./list", "/etc/list", "list.json"}) {
    const auto profile = std::get<SeccompProfile>(list({"-a", "--seccomp", file, "/x"}));
    EXPECT_EQ(profile.rules.at(0).names, (Words{file, "9"})) << "read for nine capabilities";
  }
}

TEST(SeccompOptions, ThatMeanNothingAreRefused) {
  EXPECT_EQ(refusal_of({"-a", "--seccomp", "strict", "/x"}),
            "--seccomp 'strict': allowed are default, original, unconfined, and a file, as ./FILE "
            "or FILE.json");
  EXPECT_NE(refusal_of({"-a", "--seccomp", "", "/x"}).find("--seccomp ''"), std::string::npos);
  EXPECT_NE(refusal_of({"-a", "--seccomp", "original", "--abi32", "/x"}).find("--abi32"),
            std::string::npos);
  EXPECT_NE(refusal_of({"-a", "--seccomp-log", "--seccomp-learn", "f", "/x"}).find("one of them"),
            std::string::npos);
  EXPECT_NE(refusal_of({"-a", "--seccomp-log", "--seccomp", "unconfined", "/x"}).find("refuses"),
            std::string::npos);
}

TEST(SeccompOptions, MakeMyDockerTheListener) {
  EXPECT_FALSE(filter_of({"-a", "/x"}).answered_here);
  for (const Words& watched :
       {Words{"-a", "--seccomp-log", "/x"}, Words{"-a", "--seccomp-learn", "f", "/x"},
        Words{"-a", "--seccomp-learn", "f", "--seccomp", "unconfined", "/x"}}) {
    EXPECT_TRUE(filter_of(watched).answered_here) << watched.at(1);
    EXPECT_NE(filter_of(watched), filter_of({"-a", "/x"}));
  }
  EXPECT_TRUE(all<LoadSeccomp>(plan_for({"-a", "--seccomp", "unconfined", "/x"}).enter).empty());
}

TEST(SeccompOptions, DecideWhetherAnEntrypointMayBeOf32Bits) {
  const auto may = [](const Words& words) {
    return all<FindExecutable>(plan_for(words).enter).at(0).may_be_32_bit;
  };
  EXPECT_FALSE(may({"-a", "/x"}));
  EXPECT_FALSE(may({"-a", "--seccomp", "original", "/x"}));
  EXPECT_TRUE(may({"-a", "--abi32", "/x"}));
  EXPECT_TRUE(may({"-a", "--seccomp", "unconfined", "/x"}));
  EXPECT_FALSE(may({"-a", "--seccomp", "./file", "/x"}));
}

// In the samples, other users can enter what lies below /open.
TEST(SeccompOptions, TellWhereOthersCouldRunSetIdFiles) {
  const auto notices = [](Words words) {
    words.emplace_back("/x");
    return plan_for(words).notices;
  };
  EXPECT_TRUE(notices({"-a"}).empty());
  EXPECT_TRUE(notices({"-a", "--volume", "/open/there:/mnt:ro"}).empty());
  EXPECT_TRUE(notices({"-a", "--rootfs", "/open/root", "--read-only"}).empty());
  EXPECT_TRUE(notices({"-a", "--rootfs", "/open/root", "--seccomp", "original"}).empty());
  const Words one = notices({"-a", "--rootfs", "/open/root", "--volume", "/open/there:/mnt"});
  ASSERT_EQ(one.size(), 1U);
  EXPECT_NE(one[0].find("can enter '/open/root': the container is refused"), std::string::npos);
  EXPECT_NE(notices({"-a", "--volume", "/open/there:/mnt"}).at(0).find("'/open/there'"),
            std::string::npos);
  EXPECT_NE(notices({"-a", "--rootfs", "/open/root", "--seccomp", "unconfined"})
                .at(0)
                .find("may leave set-user-ID files"),
            std::string::npos);
  EXPECT_NE(filter_of({"-a", "--rootfs", "/open/root", "/x"}), filter_of({"-a", "/x"}));
}

}  // namespace
}  // namespace mydocker::test
