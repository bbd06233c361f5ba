// The compiler against two others: the meaning said plainly, and libseccomp.
#include <linux/audit.h>

#include <random>
#include <stdexcept>
#include <utility>

#include "libseccomp_filter.hpp"
#include "profile_meaning.hpp"
#include "seccomp/allowlist.hpp"
#include "seccomp/compile_profile.hpp"
#include "seccomp/rules.hpp"
#include "seccomp_samples.hpp"
#include "support/bpf_evaluator.hpp"

#if defined(__x86_64__) && !defined(__ILP32__)
namespace mydocker::test {
namespace {

using Filter = std::vector<sock_filter>;
using Random = std::mt19937_64;  // with a fixed seed: the same test each time

const std::vector<std::string> kAll{"SCMP_ARCH_X86_64", "SCMP_ARCH_X86", "SCMP_ARCH_X32",
                                    "SCMP_ARCH_AARCH64", "SCMP_ARCH_ARM"};
constexpr std::int32_t kSocketcall = 102, kIpc = 117;

template <typename T>
const T& one_of(const std::vector<T>& all, Random& random) {
  return all.at(random() % all.size());
}

// Values at which a condition of the profile may change its mind.
std::vector<std::uint64_t> borders(const SeccompProfile& profile) {
  std::vector<std::uint64_t> out{0, 1, 0xFFFFFFFF, 0x100000000, ~0ULL};
  for (const auto& rule : profile.rules) {
    for (const auto& condition : rule.arguments) {
      for (const auto value : {condition.value, condition.value_two}) {
        out.insert(out.end(),
                   {value, value - 1, value + 1, value ^ 0x100000000, value & 0xFFFFFFFF, ~value});
      }
    }
  }
  return out;
}

// Calls `check(column, number, arguments)` for the calls 0 to 600 of each listed architecture, and
// arm's own.
template <typename Check>
void for_calls(const SeccompProfile& profile, int tries, Check check) {
  const auto values = borders(profile);
  Random random(7);
  for (const auto& name : profile.architectures) {
    const std::size_t column = seccomp::try_find_column(name).value();
    const std::int32_t first = column == seccomp::kX32 ? 0x40000000 : 0;
    for (std::int32_t at = 0; at <= 616; ++at) {
      const std::int32_t number = at <= 600 ? first + at : first + 0xF0000 + at - 601;
      for (int one = 0; one < tries; ++one) {
        CallArguments arguments{};
        for (auto& argument : arguments) argument = one_of(values, random);
        check(column, number, arguments);
      }
    }
  }
}

Verdict verdict(const Filter& filter, std::size_t column, std::int32_t number,
                const CallArguments& arguments) {
  seccomp_data data{number, seccomp::kArchitectures.at(column).audit, 0, {}};
  std::copy(arguments.begin(), arguments.end(), data.args);
  return evaluate(filter, data);
}

Verdict verdict_of(const Answer& answer) {
  const auto data = static_cast<std::uint16_t>(answer.number);
  switch (answer.action) {
    case SeccompAction::kill_process:
      return {SECCOMP_RET_KILL_PROCESS, 0};
    case SeccompAction::kill_thread:
      return {SECCOMP_RET_KILL_THREAD, 0};
    case SeccompAction::trap:
      return {SECCOMP_RET_TRAP, 0};
    case SeccompAction::error:
      return {SECCOMP_RET_ERRNO, data};
    case SeccompAction::notify:
      return {SECCOMP_RET_USER_NOTIF, 0};
    case SeccompAction::trace:
      return {SECCOMP_RET_TRACE, data};
    case SeccompAction::log:
      return {SECCOMP_RET_LOG, 0};
    case SeccompAction::allow:
      return {SECCOMP_RET_ALLOW, 0};
  }
  throw std::logic_error("no action");
}

void expect_meaning(const SeccompProfile& profile, int tries) {
  const Filter ours = seccomp::compile_profile(profile);
  int wrong = 0;
  for_calls(profile, tries, [&](std::size_t column, std::int32_t number, const auto& arguments) {
    const Verdict expected = verdict_of(meaning(profile, column, number, arguments));
    if (verdict(ours, column, number, arguments) == expected || ++wrong > 5) return;
    ADD_FAILURE() << "call " << number << " of " << seccomp::kArchitectures.at(column).name;
  });
  EXPECT_EQ(wrong, 0);
}

// libseccomp rewrites the sockets' and System V's calls of x86 into the two old multiplexers.
bool is_multiplexer(std::size_t column, std::int32_t number) {
  return column == seccomp::kX86 && (number == kSocketcall || number == kIpc);
}

void expect_as_libseccomp(const SeccompProfile& profile, int tries) {
  const Filter ours = seccomp::compile_profile(profile), theirs = filter_of_libseccomp(profile);
  int wrong = 0;
  for_calls(profile, tries, [&](std::size_t column, std::int32_t number, const auto& arguments) {
    if (is_multiplexer(column, number)) return;
    if (verdict(ours, column, number, arguments) == verdict(theirs, column, number, arguments) ||
        ++wrong > 5) {
      return;
    }
    ADD_FAILURE() << "call " << number << " of " << seccomp::kArchitectures.at(column).name << " ("
                  << std::hex << arguments[0] << ", " << arguments[1] << ", " << arguments[2]
                  << ", ...)";
  });
  EXPECT_EQ(wrong, 0);
}

// Without the calls that only we know, and with an errno for which nothing is newer than the
// profile: that is runc's addition, not libseccomp's.
SeccompProfile sayable(SeccompProfile profile) {
  profile.default_error = EACCES;
  for (auto& rule : profile.rules) {
    std::erase_if(rule.names, [](const auto& name) { return !libseccomp_knows(name); });
  }
  return profile;
}

// Calls that all five architectures have, and some that few have.
const std::vector<std::string> kCommon{"ioctl",  "read",  "clone", "prctl",
                                       "execve", "fcntl", "dup3"};
const std::vector<std::string> kSome{"ioctl",   "read",  "execve", "mseal",
                                     "set_tls", "mmap2", "open"};

SeccompArgument random_condition(Random& random) {
  static const std::vector<std::uint64_t> kValues{0,           1,           5,           0xFFFFFFFF,
                                                  0x100000000, 0x100000005, 0xF0000000F, ~0ULL};
  return when(static_cast<unsigned>(random() % 4), static_cast<SeccompOperator>(random() % 7),
              one_of(kValues, random), one_of(kValues, random));
}

SeccompRule random_rule(Random& random, const std::vector<SeccompAction>& actions) {
  SeccompRule rule{{one_of(kSome, random), one_of(kSome, random)},
                   one_of(actions, random),
                   static_cast<unsigned>(random() % 3 + 20),
                   {}};
  for (auto more = random() % 4; more-- > 0;) rule.arguments.push_back(random_condition(random));
  return rule;
}

SeccompProfile random_profile(Random& random, const std::vector<SeccompAction>& actions) {
  SeccompProfile out = refusing({}, kAll);
  for (auto more = random() % 12; more-- > 0;) out.rules.push_back(random_rule(random, actions));
  return out;
}

// Rules for a call that libseccomp 2.5.4 compiles as its manual says: the call exists everywhere,
// and there is one rule, with conditions on different arguments, or several with one condition and
// values of one upper half. Given more, it finds too much, too little or no end. Of "a0 > 0 and
// a1 > 5" or "a0 >= 5 and a2 != 2" it takes (1, 0, 0); of "a0 < 5" or "a0 > 0x100000005" it takes
// 5; and where a call is missing, it may compare the architecture with a number. Where the actions
// differ, it minds no order.
void add_sayable(SeccompProfile& out, const std::string& call, Random& random) {
  if (random() % 2 == 0) {
    SeccompRule rule = allow({call});
    for (unsigned index = 0; index < 4; ++index) {
      rule.arguments.push_back(random_condition(random));
      rule.arguments.back().index = index;
      if (random() % 3 == 0) rule.arguments.pop_back();
    }
    out.rules.push_back(rule);
    return;
  }
  const std::uint64_t upper = (random() % 3) << 32;
  for (auto more = random() % 5; more-- > 0;) {
    SeccompArgument condition = random_condition(random);
    condition.value = upper | (condition.value & 0xFFFFFFFF);
    condition.value_two = upper | (condition.value_two & 0xFFFFFFFF);
    out.rules.push_back(allow({call}, {condition}));
  }
}

SeccompProfile random_sayable(Random& random) {
  SeccompProfile out = refusing({}, kAll);
  for (const auto& call : kCommon) add_sayable(out, call, random);
  return sayable(std::move(out));
}

TEST(SeccompEquivalence, AnEnginesProfileMeansWhatItSays) {
  SeccompProfile profile = engine_like();
  profile.architectures = kAll;
  expect_meaning(profile, 4);
}

TEST(SeccompEquivalence, AnEnginesProfileMeansWhatLibseccompMakesOfIt) {
  SeccompProfile profile = sayable(engine_like());
  profile.architectures = kAll;
  expect_as_libseccomp(profile, 25);
}

TEST(SeccompEquivalence, OurOwnListsMeanWhatTheySay) {
  const seccomp::Freedoms some[] = {{}, {~0ULL, true, true}, {0, true, false}};
  for (const auto& freedoms : some) {
    SeccompProfile profile = seccomp::allowlist_profile(freedoms);
    profile.architectures = kAll;
    expect_meaning(profile, 2);
  }
  SeccompProfile original = seccomp::original_profile();
  original.architectures = kAll;
  expect_meaning(original, 3);
}

TEST(SeccompEquivalence, TheOriginalsListMeansWhatLibseccompMakesOfIt) {
  SeccompProfile profile = sayable(seccomp::original_profile());
  profile.architectures = {"SCMP_ARCH_X86_64"};
  expect_as_libseccomp(profile, 30);
}

// libseccomp forgets a refusal by an argument that stands beside a plain permission or an other
// refusal of the same call. What is left without these, it says as we do.
TEST(SeccompEquivalence, TheDefaultListMeansWhatLibseccompMakesOfIt) {
  SeccompProfile profile = seccomp::allowlist_profile({});
  std::erase_if(profile.rules, [](const SeccompRule& rule) {
    const auto conditional = seccomp::conditional_calls();
    return rule.action == SeccompAction::error &&
           std::find(conditional.begin(), conditional.end(), rule.names.front()) !=
               conditional.end();
  });
  profile = sayable(std::move(profile));
  profile.architectures = {"SCMP_ARCH_X86_64"};
  expect_as_libseccomp(profile, 30);
}

TEST(SeccompEquivalence, OtherEntryPointsMeanWhatLibseccompMakesOfThem) {
  SeccompProfile profile = sayable(engine_like());
  constexpr std::uint32_t kEntries[] = {AUDIT_ARCH_X86_64, AUDIT_ARCH_I386,  AUDIT_ARCH_AARCH64,
                                        AUDIT_ARCH_ARM,    AUDIT_ARCH_S390X, 0};
  const std::vector<std::string> none, x32{"SCMP_ARCH_X32"}, x86{"SCMP_ARCH_X86"};
  for (const auto& listed : {none, x32, x86}) {
    profile.architectures = listed;  // the native one is always in the filter
    const Filter ours = seccomp::compile_profile(profile), theirs = filter_of_libseccomp(profile);
    for (const auto entry : kEntries) {
      for (const int call :
           {0, 3, 59, 600, 0x3FFFFFFF, 0x40000000, 0x4000003B, 0x40000258, 0x7FFFFFFF, -1, -2}) {
        const seccomp_data data{call, entry, 0, {}};
        EXPECT_EQ(evaluate(ours, data), evaluate(theirs, data)) << call << " by " << entry;
      }
    }
  }
}

TEST(SeccompEquivalence, RandomProfilesMeanWhatTheySay) {
  const std::vector<SeccompAction> all{SeccompAction::kill_process, SeccompAction::kill_thread,
                                       SeccompAction::trap,         SeccompAction::error,
                                       SeccompAction::notify,       SeccompAction::trace,
                                       SeccompAction::log,          SeccompAction::allow};
  Random random(1);
  for (int one = 0; one < 60; ++one) expect_meaning(random_profile(random, all), 3);
}

TEST(SeccompEquivalence, RandomProfilesMeanWhatLibseccompMakesOfThem) {
  Random random(2);
  for (int one = 0; one < 60; ++one) {
    expect_as_libseccomp(random_sayable(random), 5);
  }
}

}  // namespace
}  // namespace mydocker::test
#endif
