// Profiles as tables: a profile, an architecture, a call, its arguments, the verdict.
#include "mydocker/error.hpp"
#include "seccomp/compile_profile.hpp"
#include "seccomp_samples.hpp"
#include "verdicts.hpp"

#if defined(__x86_64__) && !defined(__ILP32__)
namespace mydocker::test {
namespace {

using seccomp::compile_profile;

constexpr int kRead = 0, kWrite = 1, kIoctl = 16, kMseal = 462, kX32 = 0x40000000;

std::string problem_of(const SeccompProfile& profile) {
  try {
    static_cast<void>(compile_profile(profile));
  } catch (const UsageError& error) {
    return error.what();
  }
  return "";
}

TEST(SeccompProfile, AllowsWhatItNamesAndRefusesTheRest) {
  const Filter filter = compile_profile(refusing({allow({"read", "mseal"})}));
  EXPECT_EQ(verdict(filter, kRead), kAllowed);
  EXPECT_EQ(verdict(filter, kMseal), kAllowed);
  for (int call = 1; call < kMseal; ++call) EXPECT_EQ(verdict(filter, call), kRefused) << call;
}

TEST(SeccompProfile, AnswersEveryAction) {
  struct Row {
    SeccompAction action;
    std::optional<unsigned> number;
    Verdict expected;
  };
  const Row rows[] = {
      {SeccompAction::allow, {}, kAllowed},
      {SeccompAction::kill_process, {}, kKilled},
      {SeccompAction::kill_thread, {}, {SECCOMP_RET_KILL_THREAD, 0}},
      {SeccompAction::trap, {}, {SECCOMP_RET_TRAP, 0}},
      {SeccompAction::log, {}, {SECCOMP_RET_LOG, 0}},
      {SeccompAction::notify, {}, {SECCOMP_RET_USER_NOTIF, 0}},
      {SeccompAction::error, {}, kRefused},
      {SeccompAction::error, 0, {SECCOMP_RET_ERRNO, 0}},
      {SeccompAction::error, 4095, {SECCOMP_RET_ERRNO, 4095}},
      {SeccompAction::trace, {}, {SECCOMP_RET_TRACE, EPERM}},
      {SeccompAction::trace, 0xFFFF, {SECCOMP_RET_TRACE, 0xFFFF}},
      {SeccompAction::allow, 7, kAllowed},  // a number that the action has no use for
  };
  for (const auto& row : rows) {
    SeccompProfile by_rule, by_default;
    by_rule.default_error = EACCES;
    by_rule.rules = {{{"write"}, row.action, row.number, {}}};
    EXPECT_EQ(verdict(compile_profile(by_rule), kWrite), row.expected);
    EXPECT_EQ(verdict(compile_profile(by_rule), kRead), (Verdict{SECCOMP_RET_ERRNO, EACCES}));
    by_default.default_action = row.action;
    by_default.default_error = row.number;
    EXPECT_EQ(verdict(compile_profile(by_default), kWrite), row.expected);
  }
}

TEST(SeccompProfile, KillsWhoComesByAnArchitectureThatIsNotListed) {
  const Filter filter = compile_profile(refusing({allow({"read", "mseal"})}));
  constexpr std::uint32_t kForeign[] = {AUDIT_ARCH_I386, AUDIT_ARCH_AARCH64, AUDIT_ARCH_ARM, 0};
  for (const auto other : kForeign) {
    for (const int call : {0, 3, 63, 462, 500})
      EXPECT_EQ(verdict(filter, call, {}, other), kKilled);
  }
  for (const int call : {kRead, kMseal, 600}) EXPECT_EQ(verdict(filter, call | kX32), kKilled);
  EXPECT_EQ(verdict(filter, -1), kMissing) << "no call of x32";
}

TEST(SeccompProfile, HasASectionForEachListedArchitecture) {
  const Filter filter = compile_profile(refusing(
      {allow({"read", "mseal"})},
      {"SCMP_ARCH_X86", "SCMP_ARCH_X32", "SCMP_ARCH_AARCH64", "SCMP_ARCH_ARM", "SCMP_ARCH_S390X"}));
  EXPECT_EQ(verdict(filter, kRead), kAllowed) << "the native one, though not listed";
  EXPECT_EQ(verdict(filter, kX32 | kRead), kAllowed);
  EXPECT_EQ(verdict(filter, kX32 | kWrite), kRefused);
  EXPECT_EQ(verdict(filter, kX32 | 500), kMissing);
  EXPECT_EQ(verdict(filter, 3, {}, AUDIT_ARCH_I386), kAllowed);
  EXPECT_EQ(verdict(filter, 0, {}, AUDIT_ARCH_I386), kRefused);
  EXPECT_EQ(verdict(filter, 63, {}, AUDIT_ARCH_AARCH64), kAllowed);
  EXPECT_EQ(verdict(filter, 3, {}, AUDIT_ARCH_ARM), kAllowed);
  EXPECT_EQ(verdict(filter, 3, {}, AUDIT_ARCH_S390X), kKilled);
}

TEST(SeccompProfile, SaysOfCallsThatAreNewerThanItThatTheyDoNotExist) {
  const auto rules = {allow({"read", "mseal"})};
  SeccompProfile profile = refusing(rules);
  EXPECT_EQ(verdict(compile_profile(profile), kMseal - 1), kRefused) << "older, not named";
  EXPECT_EQ(verdict(compile_profile(profile), kMseal + 1), kMissing);
  EXPECT_EQ(verdict(compile_profile(profile), 0x3FFFFFFF), kMissing);
  profile.default_error = EPERM;
  EXPECT_EQ(verdict(compile_profile(profile), kMseal + 1), kMissing);
  profile.default_error = EACCES;
  EXPECT_EQ(verdict(compile_profile(profile), kMseal + 1), (Verdict{SECCOMP_RET_ERRNO, EACCES}));
  profile.default_action = SeccompAction::allow;
  EXPECT_EQ(verdict(compile_profile(profile), kMseal + 1), kAllowed);
  EXPECT_EQ(verdict(compile_profile(refusing({})), 500), kRefused) << "names nothing";
}

TEST(SeccompProfile, DoesNotTakeArmsOwnCallsForNewOnes) {
  const Filter filter =
      compile_profile(refusing({allow({"read", "mseal", "set_tls"})}, {"SCMP_ARCH_ARM"}));
  EXPECT_EQ(verdict(filter, 0xF0005, {}, AUDIT_ARCH_ARM), kAllowed);
  EXPECT_EQ(verdict(filter, kMseal - 1, {}, AUDIT_ARCH_ARM), kRefused);
  EXPECT_EQ(verdict(filter, kMseal + 1, {}, AUDIT_ARCH_ARM), kMissing);
}

TEST(SeccompProfile, IgnoresNamesThatNobodyKnowsAndTellsThem) {
  const auto profile = refusing({allow({"raed", "read", "cacheflush"}), allow({"raed", "future"})});
  EXPECT_EQ(verdict(compile_profile(profile), kRead), kAllowed);
  EXPECT_EQ(seccomp::unknown_calls(profile), (std::vector<std::string>{"future", "raed"}));
}

TEST(SeccompProfile, TellsEveryProblemAtOnce) {
  SeccompProfile profile = refusing({allow({"read"}), refuse({"write"}, 4096),
                                     allow({"clone"}, {when(6, SeccompOperator::eq, 0)})},
                                    {"SCMP_ARCH_PDP11", "SCMP_ARCH_MIPS"});
  profile.flags = {"SECCOMP_FILTER_FLAG_LOG", "LOG"};
  profile.default_action = SeccompAction::trace;
  profile.default_error = 0x10000;
  const std::vector<std::string> expected{
      "the seccomp architecture 'SCMP_ARCH_PDP11' is not known",
      "the seccomp flag 'LOG' is not known",
      "the seccomp default action: a tracer cannot be told 65536; the greatest number is 65535",
      "seccomp rule 2 ('write'): 4096 is no errno; the greatest is 4095",
      "seccomp rule 3 ('clone'): a call has no argument 6; the last is 5",
  };
  EXPECT_EQ(seccomp::profile_problems(profile), expected);
  EXPECT_EQ(problem_of(profile), expected[0] + "; " + expected[1] + "; " + expected[2] + "; " +
                                     expected[3] + "; " + expected[4]);
}

TEST(SeccompProfile, TakesAsManyInstructionsAsTheKernel) {
  const auto with_conditions = [](std::uint64_t count) {
    SeccompProfile profile = refusing({allow({"mseal"})});
    for (std::uint64_t value = 0; value < count; ++value) {
      profile.rules.push_back(
          allow({"ioctl"}, {when(1, SeccompOperator::eq, value << 32 | value)}));
    }
    return profile;
  };
  const auto long_one = with_conditions(900);  // far more than a conditional jump can skip
  const Filter filter = compile_profile(long_one);
  EXPECT_LE(filter.size(), 4096U);
  EXPECT_EQ(verdict(filter, kIoctl, {0, 0}), kAllowed);
  EXPECT_EQ(verdict(filter, kIoctl, {0, 899ULL << 32 | 899}), kAllowed);
  EXPECT_EQ(verdict(filter, kIoctl, {0, 899ULL << 32 | 898}), kRefused);
  EXPECT_EQ(verdict(filter, kMseal), kAllowed);
  EXPECT_EQ(problem_of(with_conditions(1100)),
            "the seccomp profile is too long: its filter has more than 4096 instructions");
}

TEST(SeccompProfile, TranslatesItsFlags) {
  SeccompProfile profile;
  EXPECT_EQ(seccomp::filter_flags(profile), 0U);
  profile.flags = {"SECCOMP_FILTER_FLAG_TSYNC", "SECCOMP_FILTER_FLAG_LOG",
                   "SECCOMP_FILTER_FLAG_SPEC_ALLOW", "SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV"};
  EXPECT_EQ(seccomp::filter_flags(profile), SECCOMP_FILTER_FLAG_TSYNC | SECCOMP_FILTER_FLAG_LOG |
                                                SECCOMP_FILTER_FLAG_SPEC_ALLOW |
                                                SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV);
  profile.flags = {"SECCOMP_FILTER_FLAG_NEW_LISTENER"};
  EXPECT_THROW(static_cast<void>(seccomp::filter_flags(profile)), UsageError);
}

TEST(SeccompProfile, NeedsAListenerOnlyToNotify) {
  SeccompProfile profile = engine_like();
  EXPECT_FALSE(seccomp::needs_listener(profile));
  profile.rules.push_back({{"mount"}, SeccompAction::notify, {}, {}});
  EXPECT_TRUE(seccomp::needs_listener(profile));
  profile.rules.clear();
  profile.default_action = SeccompAction::notify;
  EXPECT_TRUE(seccomp::needs_listener(profile));
}

}  // namespace
}  // namespace mydocker::test
#endif
