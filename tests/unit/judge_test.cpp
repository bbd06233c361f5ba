// Judge decides as the compiled filter does.
#include "seccomp/judge.hpp"

#include <algorithm>
#include <random>

#include "seccomp/allowlist.hpp"
#include "seccomp/compile_profile.hpp"
#include "seccomp/rules.hpp"
#include "seccomp_samples.hpp"
#include "verdicts.hpp"

#if defined(__x86_64__) && !defined(__ILP32__)
namespace mydocker::test {
namespace {

constexpr std::uint32_t kEntries[] = {AUDIT_ARCH_X86_64, AUDIT_ARCH_I386,  AUDIT_ARCH_AARCH64,
                                      AUDIT_ARCH_ARM,    AUDIT_ARCH_S390X, 0};

std::vector<std::uint64_t> borders(const SeccompProfile& profile) {
  std::vector<std::uint64_t> out{0, 1, 0xFFFFFFFF, 0x100000000, ~0ULL};
  for (const auto& rule : profile.rules) {
    for (const auto& condition : rule.arguments) {
      for (const auto value : {condition.value, condition.value_two})
        out.insert(out.end(), {value, value + 1, value ^ 0x100000000, ~value});
    }
  }
  return out;
}

void expect_as_filter(const SeccompProfile& profile) {
  const Filter filter = seccomp::compile_profile(profile);
  const seccomp::Judge judge(profile);
  const auto values = borders(profile);
  std::mt19937_64 random(3);
  int wrong = 0;
  for (const auto entry : kEntries) {
    for (const int first : {0, 0x40000000, 0xF0000, -5}) {
      for (int call = first; call < first + 605; ++call) {
        seccomp_data data{call, entry, 0, {}};
        for (auto& argument : data.args) argument = values.at(random() % values.size());
        const std::uint32_t judged = judge.judge(data).verdict;
        const Verdict right = evaluate(filter, data);
        if (judged == (right.action | right.data) || ++wrong > 5) continue;
        ADD_FAILURE() << "call " << call << " by " << entry;
      }
    }
  }
  EXPECT_EQ(wrong, 0);
}

TEST(Judge, DecidesAsTheFilterOfOurOwnLists) {
  expect_as_filter(seccomp::allowlist_profile({}));
  expect_as_filter(seccomp::allowlist_profile({~0ULL, true, false}));
  expect_as_filter(seccomp::original_profile());
}

TEST(Judge, DecidesAsTheFilterOfAProfile) {
  expect_as_filter(engine_like());
  SeccompProfile profile = engine_like();
  profile.architectures = {"SCMP_ARCH_X86", "SCMP_ARCH_X32", "SCMP_ARCH_AARCH64", "SCMP_ARCH_ARM"};
  expect_as_filter(profile);
  using Op = SeccompOperator;
  expect_as_filter(refusing({allow({"ioctl"}, {when(1, Op::gt, 5), when(0, Op::ne, 3)}),
                             refuse({"ioctl", "read"}, 7, {when(1, Op::le, 1ULL << 32)}),
                             allow({"ioctl"}, {when(1, Op::lt, 9), when(1, Op::ge, 77)}),
                             allow({"read", "set_tls", "no_such_call"})},
                            {"SCMP_ARCH_X86", "SCMP_ARCH_ARM"}));
  expect_as_filter(refusing({}));
}

TEST(Judge, NamesTheCallAndTheRule) {
  const SeccompProfile profile =
      refusing({allow({"read"}), refuse({"read"}, 5, {when(0, SeccompOperator::eq, 1)})});
  const seccomp::Judge judge(profile);
  const auto of = [&judge](int number, std::uint64_t argument) {
    return judge.judge({number, AUDIT_ARCH_X86_64, 0, {argument}});
  };
  EXPECT_EQ(of(0, 0).call->name, "read");
  EXPECT_EQ(of(0, 0).rule, 0U);
  EXPECT_EQ(of(0, 1).rule, 1U);
  EXPECT_EQ(of(1, 0).call->name, "write");
  EXPECT_EQ(of(1, 0).rule, std::nullopt);
  EXPECT_EQ(of(600, 0).call, nullptr);
}

}  // namespace
}  // namespace mydocker::test
#endif
