// The default filter against its own tables: every call from 0 to 600, on three architectures.
#include <linux/capability.h>

#include <map>
#include <set>
#include <string>

#include "mydocker/action.hpp"
#include "seccomp/allowlist.hpp"
#include "seccomp/call_table.hpp"
#include "seccomp/choose_filter.hpp"
#include "seccomp/compile_profile.hpp"
#include "verdicts.hpp"

#if defined(__x86_64__) && !defined(__ILP32__)
namespace mydocker::test {
namespace {

using seccomp::Freedoms;
using Names = std::map<std::string_view, std::optional<Verdict>>;

constexpr std::uint64_t bit(int capability) { return std::uint64_t{1} << capability; }
constexpr Freedoms kAbi32{0, true, true};
const std::vector<std::uint64_t> kNoise(6, ~std::uint64_t{0}), kZeros(6, 0);

Filter compiled(const Freedoms& freedoms) {
  return seccomp::compile_profile(seccomp::allowlist_profile(freedoms));
}

Filter by_default() {
  const ContainerSpec spec;
  return seccomp::filter_of(spec);
}

// What the tables say; nothing for a call whose arguments decide.
Names expected(std::uint64_t capabilities = 0) {
  Names out;
  const auto add = [&out](std::string_view name, std::optional<Verdict> verdict) {
    EXPECT_TRUE(out.emplace(name, verdict).second) << name << " is there twice";
  };
  for (const auto& call : seccomp::allowed_files()) add(call.name, kAllowed);
  for (const auto& call : seccomp::allowed_processes()) add(call.name, kAllowed);
  for (const auto name : seccomp::conditional_calls()) add(name, std::nullopt);
  for (const auto& call : seccomp::refused_calls()) {
    const bool is_lifted = (call.lifted_by & capabilities) != 0;
    add(call.name, is_lifted ? kAllowed : call.error == EPERM ? kRefused : kMissing);
  }
  return out;
}

void expect_tables(const Filter& filter, seccomp::Column column, const Names& names) {
  std::map<int, std::optional<Verdict>> numbers;
  for (const auto& call : seccomp::calls()) {
    const auto known = names.find(call.name);
    if (known != names.end()) numbers[call.numbers.at(column)] = known->second;
  }
  const int first = column == seccomp::kX32 ? 0x40000000 : 0;
  const auto entry = seccomp::kArchitectures.at(column).audit;
  for (int call = first; call <= first + 600; ++call) {
    const auto known = numbers.find(call);
    if (known != numbers.end() && !known->second) continue;
    const Verdict right = known == numbers.end() ? kMissing : *known->second;
    EXPECT_EQ(verdict(filter, call, kZeros, entry), right) << call << " of column " << column;
    EXPECT_EQ(verdict(filter, call, kNoise, entry), right) << call << " of column " << column;
  }
}

TEST(Allowlist, NamesEveryCallThatIsKnown) {
  const Names names = expected();
  for (const auto& call : seccomp::calls()) {
    const bool exists = std::any_of(call.numbers.begin(), call.numbers.end(),
                                    [](std::int32_t number) { return number >= 0; });
    EXPECT_EQ(names.contains(call.name), exists) << call.name;
  }
  for (const auto& [name, verdict] : names)
    EXPECT_NE(seccomp::try_find_call(name), nullptr) << name;
}

TEST(Allowlist, GivesAReasonForEach) {
  for (const auto& call : seccomp::allowed_files()) EXPECT_FALSE(call.why.empty()) << call.name;
  for (const auto& call : seccomp::allowed_processes()) EXPECT_FALSE(call.why.empty()) << call.name;
  for (const auto& call : seccomp::refused_calls()) {
    EXPECT_FALSE(call.why.empty()) << call.name;
    EXPECT_TRUE(call.error == EPERM || call.error == ENOSYS) << call.name;
  }
}

TEST(Allowlist, WasCompiledWhenMyDockerWasBuilt) {
  const Filter built = by_default(), now = compiled(seccomp::kDefaultFreedoms);
  ASSERT_EQ(built.size(), now.size());
  EXPECT_EQ(LoadSeccomp{built}, LoadSeccomp{now});
  EXPECT_LT(built.size(), 150U) << "it grew: a start pays for each instruction";
}

TEST(Allowlist, AnswersAllCallsOfTheMachineAsItsTablesSay) {
  expect_tables(by_default(), seccomp::kX86_64, expected());
}

TEST(Allowlist, KillsWhoComesByAnotherEntryPoint) {
  const Filter filter = by_default();
  for (int call = 0; call <= 600; ++call) {
    EXPECT_EQ(verdict(filter, call, kZeros, AUDIT_ARCH_I386), kKilled) << call;
    EXPECT_EQ(verdict(filter, call | 0x40000000, kZeros), kKilled) << call;
    EXPECT_EQ(verdict(filter, call, kZeros, AUDIT_ARCH_AARCH64), kKilled) << call;
    EXPECT_EQ(verdict(filter, call, kZeros, AUDIT_ARCH_ARM), kKilled) << call;
  }
}

TEST(Allowlist, OfThirtyTwoBitProgramsSaysTheSameOfTheirCalls) {
  const Filter filter = compiled(kAbi32);
  for (const auto column : {seccomp::kX86_64, seccomp::kX86, seccomp::kX32})
    expect_tables(filter, column, expected());
  EXPECT_EQ(verdict(filter, 0, kZeros, AUDIT_ARCH_ARM), kKilled) << "of another machine";
}

TEST(Allowlist, AnswersCallsOfTheFutureAsMissing) {
  for (const auto& filter : {by_default(), compiled(kAbi32)}) {
    for (const int call : {470, 600, 900, 5000, 0x3FFFFFFF, -1})
      EXPECT_EQ(verdict(filter, call, kNoise), kMissing) << call;
  }
}

TEST(Allowlist, IsWidenedByCapabilities) {
  for (const int capability :
       {CAP_SYS_PTRACE, CAP_SYS_ADMIN, CAP_BPF, CAP_PERFMON, CAP_DAC_READ_SEARCH, CAP_SYS_MODULE,
        CAP_SYS_BOOT, CAP_SYS_PACCT, CAP_SYSLOG, CAP_SYS_TTY_CONFIG, CAP_SYS_TIME, CAP_SYS_RAWIO,
        CAP_SYS_NICE, CAP_NET_ADMIN}) {
    const std::uint64_t held = bit(capability);
    EXPECT_EQ(seccomp::lifting(held), held) << capability;
    expect_tables(compiled({held, false, true}), seccomp::kX86_64, expected(held));
  }
}

TEST(Allowlist, IsNotWidenedByTheDefaultCapabilitiesNorByAllForSomeCalls) {
  EXPECT_EQ(seccomp::lifting(bit(CAP_CHOWN) | bit(CAP_SETUID) | bit(CAP_SYS_CHROOT)), 0U);
  const Filter filter = compiled({~std::uint64_t{0}, true, true});
  for (const std::string_view name :
       {"io_uring_setup", "io_uring_enter", "io_uring_register", "userfaultfd", "keyctl", "add_key",
        "request_key", "kexec_load", "kexec_file_load", "swapon", "swapoff"}) {
    EXPECT_EQ(verdict(filter, seccomp::try_find_call(name)->numbers[0]), kRefused) << name;
  }
  EXPECT_EQ(verdict(filter, 435), kMissing) << "clone3";
}

TEST(Allowlist, TakesItsFreedomsFromTheSpec) {
  ContainerSpec spec;
  spec.process.capabilities.bounding = {CAP_CHOWN, CAP_SYS_PTRACE};
  EXPECT_EQ(seccomp::freedoms_of(spec, {}), (Freedoms{bit(CAP_SYS_PTRACE), false, true}));
  EXPECT_EQ(seccomp::freedoms_of(spec, {true}), (Freedoms{bit(CAP_SYS_PTRACE), true, true}));
  spec.process.capabilities.bounding = {CAP_CHOWN};
  spec.open_to_others = "/home/them";
  EXPECT_EQ(seccomp::freedoms_of(spec, {}), (Freedoms{0, false, false}));
}

}  // namespace
}  // namespace mydocker::test
#endif
