// The table of calls that libseccomp filled when MyDocker was built.
#include <sys/syscall.h>

#include <set>

#include "seccomp/call_table.hpp"

namespace mydocker::test {
namespace {

using seccomp::try_find_call;

std::int32_t number(std::string_view name, seccomp::Column column) {
  const auto* call = try_find_call(name);
  return call == nullptr ? -2 : call->numbers.at(column);
}

TEST(CallTable, KnowsTheNumbersOfEachArchitecture) {
  EXPECT_EQ(number("read", seccomp::kX86_64), 0);
  EXPECT_EQ(number("read", seccomp::kX86), 3);
  EXPECT_EQ(number("read", seccomp::kX32), 0x40000000);
  EXPECT_EQ(number("read", seccomp::kAarch64), 63);
  EXPECT_EQ(number("read", seccomp::kArm), 3);
  EXPECT_EQ(number("execve", seccomp::kX32), 0x40000000 + 520) << "x32's own entry";
  EXPECT_EQ(number("set_tls", seccomp::kArm), 0xF0005);
}

TEST(CallTable, KnowsTheCallsThatX86LaterTookOutOfSocketcallAndIpc) {
  EXPECT_EQ(number("socket", seccomp::kX86), 359);
  EXPECT_EQ(number("shmget", seccomp::kX86), 395);
  EXPECT_EQ(number("socketcall", seccomp::kX86), 102);
  EXPECT_EQ(number("accept", seccomp::kX86), seccomp::kNoNumber) << "by socketcall only";
}

TEST(CallTable, KnowsCallsThatAreNewerThanLibseccomp) {
  for (const auto column : {seccomp::kX86_64, seccomp::kX86, seccomp::kAarch64, seccomp::kArm}) {
    EXPECT_EQ(number("cachestat", column), 451);
    EXPECT_EQ(number("fchmodat2", column), 452);
    EXPECT_EQ(number("mseal", column), 462);
    EXPECT_EQ(number("removexattrat", column), 466);
  }
  EXPECT_EQ(number("mseal", seccomp::kX32), 0x40000000 + 462);
  EXPECT_EQ(number("uretprobe", seccomp::kX86_64), 335);
  EXPECT_EQ(number("uretprobe", seccomp::kAarch64), seccomp::kNoNumber);
}

TEST(CallTable, KnowsTheNameOfACallThatNoneOfTheFiveHas) {
  EXPECT_EQ(number("s390_pci_mmio_read", seccomp::kX86_64), seccomp::kNoNumber);
  EXPECT_EQ(try_find_call("no_such_call"), nullptr);
  EXPECT_EQ(try_find_call(""), nullptr);
  EXPECT_EQ(try_find_call("zzz"), nullptr);
}

TEST(CallTable, HasNoNumberTwiceExceptForAliases) {
  for (std::size_t column = 0; column < seccomp::kArchitectures.size(); ++column) {
    std::set<std::int32_t> seen;
    for (const auto& call : seccomp::calls()) {
      const auto one = call.numbers.at(column);
      if (one == seccomp::kNoNumber) continue;
      EXPECT_TRUE(seen.insert(one).second) << call.name << " in column " << column;
      EXPECT_EQ(column == seccomp::kX32, (one & 0x40000000) != 0) << call.name;
    }
    EXPECT_GT(seen.size(), 300U) << "column " << column;
  }
}

#if defined(__x86_64__) && !defined(__ILP32__)
TEST(CallTable, AgreesWithTheKernelsHeader) {
  EXPECT_EQ(number("openat", seccomp::kX86_64), SYS_openat);
  EXPECT_EQ(number("clone3", seccomp::kX86_64), SYS_clone3);
  EXPECT_EQ(number("landlock_restrict_self", seccomp::kX86_64), SYS_landlock_restrict_self);
}
#endif

}  // namespace
}  // namespace mydocker::test
