// The conditions of a profile's rules: every operator at its borders, several conditions, several
// rules.
#include "seccomp/compile_profile.hpp"
#include "seccomp_samples.hpp"
#include "verdicts.hpp"

#if defined(__x86_64__) && !defined(__ILP32__)
namespace mydocker::test {
namespace {

using seccomp::compile_profile;
using Operator = SeccompOperator;

constexpr int kIoctl = 16;

// Of a profile that allows ioctl when `condition` holds.
bool passes(const SeccompArgument& condition, std::uint64_t argument) {
  std::vector<std::uint64_t> arguments(6);
  arguments.at(condition.index) = argument;
  const Filter filter =
      compile_profile(refusing({allow({"ioctl"}, {condition}), allow({"mseal"})}));
  return verdict(filter, kIoctl, arguments) == kAllowed;
}

TEST(SeccompConditions, ComparesAllBitsOfAnArgument) {
  constexpr std::uint64_t kBorders[] = {0,
                                        1,
                                        0x7FFFFFFF,
                                        0x80000000,
                                        0xFFFFFFFE,
                                        0xFFFFFFFF,
                                        0x100000000,
                                        0x100000001,
                                        0x1FFFFFFFF,
                                        0x200000000,
                                        0x7FFFFFFFFFFFFFFF,
                                        0x8000000000000000,
                                        0xFFFFFFFF00000000,
                                        0xFFFFFFFFFFFFFFFE,
                                        0xFFFFFFFFFFFFFFFF};
  unsigned index = 0;
  for (const auto value : kBorders) {
    index = (index + 1) % 6;
    for (const auto argument : kBorders) {
      const auto with = [&](Operator op) { return passes(when(index, op, value), argument); };
      EXPECT_EQ(with(Operator::lt), argument < value) << std::hex << argument << ' ' << value;
      EXPECT_EQ(with(Operator::le), argument <= value) << std::hex << argument << ' ' << value;
      EXPECT_EQ(with(Operator::eq), argument == value) << std::hex << argument << ' ' << value;
      EXPECT_EQ(with(Operator::ne), argument != value) << std::hex << argument << ' ' << value;
      EXPECT_EQ(with(Operator::ge), argument >= value) << std::hex << argument << ' ' << value;
      EXPECT_EQ(with(Operator::gt), argument > value) << std::hex << argument << ' ' << value;
    }
  }
}

TEST(SeccompConditions, ComparesMaskedArguments) {
  constexpr std::uint64_t kHigh = 0x100000000;
  struct Row {
    std::uint64_t mask, value, argument;
    bool expected;
  };
  const Row rows[] = {
      {0xF, 0x5, 0x5, true},
      {0xF, 0x5, 0xFFFFFFFFFFFFFFF5, true},
      {0xF, 0x5, 0x4, false},
      {0xF, 0x15, 0x5, true},  // what the mask hides of the value does not count
      {0, 0, 42, true},
      {0, 7, 42, true},
      {kHigh | 1, kHigh, kHigh, true},
      {kHigh | 1, kHigh, kHigh | 1, false},
      {kHigh | 1, kHigh, 0, false},
      {kHigh, kHigh, kHigh | 77, true},
      {~0ULL, kHigh | 3, kHigh | 3, true},
      {~0ULL, kHigh | 3, 3, false},
  };
  for (const auto& row : rows) {
    EXPECT_EQ(passes(when(5, Operator::masked_eq, row.mask, row.value), row.argument), row.expected)
        << std::hex << row.mask << ' ' << row.value << ' ' << row.argument;
  }
}

TEST(SeccompConditions, WantsAllConditionsUnlessOneArgumentIsNamedTwice) {
  const auto one = when(0, Operator::eq, 1), two = when(1, Operator::eq, 2);
  const Filter all = compile_profile(refusing({allow({"ioctl"}, {one, two}), allow({"mseal"})}));
  EXPECT_EQ(verdict(all, kIoctl, {1, 2}), kAllowed);
  EXPECT_EQ(verdict(all, kIoctl, {1, 3}), kRefused);
  EXPECT_EQ(verdict(all, kIoctl, {0, 2}), kRefused);

  const auto other = when(0, Operator::eq, 7);
  const Filter any =
      compile_profile(refusing({allow({"ioctl"}, {one, two, other}), allow({"mseal"})}));
  EXPECT_EQ(verdict(any, kIoctl, {1, 0}), kAllowed);
  EXPECT_EQ(verdict(any, kIoctl, {7, 0}), kAllowed);
  EXPECT_EQ(verdict(any, kIoctl, {0, 2}), kAllowed);
  EXPECT_EQ(verdict(any, kIoctl, {0, 0}), kRefused);
}

TEST(SeccompConditions, IgnoresTheUpperHalfWhereArgumentsHave32Bits) {
  const Filter filter = compile_profile(
      refusing({allow({"ioctl"}, {when(0, Operator::eq, ~0ULL)})}, {"SCMP_ARCH_X86"}));
  constexpr int kIoctlOfX86 = 54;
  EXPECT_EQ(verdict(filter, kIoctlOfX86, {0xFFFFFFFF}, AUDIT_ARCH_I386), kAllowed);
  EXPECT_EQ(verdict(filter, kIoctlOfX86, {0xFFFFFFFE}, AUDIT_ARCH_I386), kRefused);
  EXPECT_EQ(verdict(filter, kIoctl, {0xFFFFFFFF}), kRefused);
}

TEST(SeccompConditions, TriesConditionsInOrderAndThenTheFirstRuleWithout) {
  const Filter filter = compile_profile(refusing({
      allow({"ioctl"}),
      refuse({"ioctl"}, EINVAL, {when(1, Operator::eq, 5)}),
      refuse({"ioctl"}, EACCES, {when(1, Operator::le, 5)}),
      refuse({"ioctl"}, EBUSY),
      allow({"mseal"}),
  }));
  EXPECT_EQ(verdict(filter, kIoctl, {0, 5}), (Verdict{SECCOMP_RET_ERRNO, EINVAL}));
  EXPECT_EQ(verdict(filter, kIoctl, {0, 4}), (Verdict{SECCOMP_RET_ERRNO, EACCES}));
  EXPECT_EQ(verdict(filter, kIoctl, {0, 6}), kAllowed);
}

}  // namespace
}  // namespace mydocker::test
#endif
