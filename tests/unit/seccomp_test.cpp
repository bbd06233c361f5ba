// The original's filter as a table: a call, its arguments, the verdict. No call is made: the filter is
// interpreted, see support/bpf_evaluator.hpp.
#include <fcntl.h>
#include <linux/audit.h>
#include <linux/sched.h>
#include <sys/stat.h>
#include <sys/syscall.h>

#include <cerrno>
#include <initializer_list>
#include <set>

#include "mydocker/plan.hpp"
#include "seccomp/seccomp_stage.hpp"
#include "support/bpf_evaluator.hpp"

#if defined(__x86_64__)
namespace mydocker::test {
namespace {

using Arguments = std::initializer_list<std::uint64_t>;

constexpr Verdict kAllowed{SECCOMP_RET_ALLOW, 0}, kKilled{SECCOMP_RET_KILL_PROCESS, 0};
constexpr Verdict kRefused{SECCOMP_RET_ERRNO, EPERM}, kUnknown{SECCOMP_RET_ERRNO, ENOSYS};
constexpr std::uint64_t kUpper = 0xDEADBEEF00000000,
                        kSetIds[] = {S_ISUID, S_ISGID, S_ISUID | S_ISGID};
constexpr long kClone3 = 435, kOpenat2 = 437, kFchmodat2 = 452, kIoUringSetup = 425;
constexpr int kX32 = 0x40000000;

const std::vector<sock_filter>& program() {
  static const auto kProgram = [] {
    ContainerSpec spec;
    spec.seccomp = OriginalDenylist{};
    const StagePlan plan = seccomp::plan(spec, {});
    return std::get<LoadSeccomp>(plan.enter.at(0).action).program;
  }();
  return kProgram;
}

Verdict verdict(long call, Arguments arguments, std::uint32_t architecture = AUDIT_ARCH_X86_64) {
  seccomp_data data{static_cast<int>(call), architecture, 0, {}};
  std::size_t at = 0;
  for (const std::uint64_t argument : arguments) data.args[at++] = argument;
  return evaluate(program(), data);
}

TEST(Seccomp, IsOneStepInTheChild) {
  const StagePlan plan = seccomp::plan({}, {});
  EXPECT_TRUE(plan.prepare.empty() && plan.attach.empty());
  EXPECT_EQ(plan.enter.size(), 1U);
  EXPECT_LE(program().size(), 4096U) << "the kernel takes no more (BPF_MAXINSNS)";
}

TEST(Seccomp, RefusesModesWithASetIdBit) {
  for (const std::uint64_t bit : kSetIds) {
    for (const std::uint64_t mode : {bit, bit | 0755, kUpper | bit | 0644, std::uint64_t{07777}}) {
      EXPECT_EQ(verdict(SYS_chmod, {1, mode}), kRefused) << std::oct << mode;
      EXPECT_EQ(verdict(SYS_fchmod, {1, mode}), kRefused) << std::oct << mode;
      EXPECT_EQ(verdict(SYS_fchmodat, {1, 2, mode}), kRefused) << std::oct << mode;
      EXPECT_EQ(verdict(SYS_creat, {1, mode}), kRefused) << std::oct << mode;
      EXPECT_EQ(verdict(SYS_mknod, {1, S_IFREG | mode}), kRefused) << std::oct << mode;
      EXPECT_EQ(verdict(SYS_mknodat, {1, 2, S_IFREG | mode}), kRefused) << std::oct << mode;
    }
  }
}

TEST(Seccomp, AllowsModesWithoutASetIdBit) {
  for (const std::uint64_t mode :
       {std::uint64_t{0}, std::uint64_t{0755}, std::uint64_t{01777}, kUpper | 0644}) {
    EXPECT_EQ(verdict(SYS_chmod, {S_ISUID, mode}), kAllowed) << std::oct << mode;
    EXPECT_EQ(verdict(SYS_fchmod, {S_ISUID, mode}), kAllowed) << std::oct << mode;
    EXPECT_EQ(verdict(SYS_fchmodat, {S_ISUID, S_ISGID, mode, S_ISUID}), kAllowed)
        << std::oct << mode;
    EXPECT_EQ(verdict(SYS_creat, {S_ISUID, mode}), kAllowed) << std::oct << mode;
    EXPECT_EQ(verdict(SYS_mknod, {S_ISUID, S_IFIFO | mode, S_ISUID}), kAllowed) << std::oct << mode;
    EXPECT_EQ(verdict(SYS_mknodat, {S_ISUID, S_ISUID, S_IFSOCK | mode}), kAllowed)
        << std::oct << mode;
  }
}

TEST(Seccomp, RefusesToCreateASetIdFileByOpen) {
  constexpr std::uint64_t kCreating[] = {
      O_CREAT,          O_CREAT | O_EXCL | O_RDWR, O_TMPFILE | O_RDWR, O_CREAT | O_TMPFILE,
      kUpper | O_CREAT, kUpper | O_TMPFILE};
  for (const std::uint64_t flags : kCreating) {
    for (const std::uint64_t bit : kSetIds) {
      EXPECT_EQ(verdict(SYS_open, {1, flags, bit | 0755}), kRefused) << std::oct << flags;
      EXPECT_EQ(verdict(SYS_openat, {1, 2, flags, bit | 0755}), kRefused) << std::oct << flags;
      EXPECT_EQ(verdict(SYS_openat, {1, 2, flags, kUpper | bit}), kRefused) << std::oct << flags;
    }
    EXPECT_EQ(verdict(SYS_open, {1, flags, 01755}), kAllowed) << std::oct << flags;
    EXPECT_EQ(verdict(SYS_openat, {1, 2, flags, 0644}), kAllowed) << std::oct << flags;
  }
}

TEST(Seccomp, IgnoresTheModeOfAnOpenThatCreatesNothing) {
  // The third argument is then whatever lay in the register.
  constexpr std::uint64_t kOpening[] = {O_RDONLY, O_RDWR | O_TRUNC, O_DIRECTORY,
                                        O_PATH | O_NOFOLLOW, O_APPEND | O_CLOEXEC};
  for (const std::uint64_t flags : kOpening) {
    for (const std::uint64_t garbage :
         {~std::uint64_t{0}, kUpper | 06777, std::uint64_t{S_ISUID}}) {
      EXPECT_EQ(verdict(SYS_open, {1, flags, garbage}), kAllowed) << std::oct << flags;
      EXPECT_EQ(verdict(SYS_openat, {1, 2, flags, garbage}), kAllowed) << std::oct << flags;
    }
  }
}

TEST(Seccomp, RefusesNewUserNamespacesAndNoOtherClone) {
  EXPECT_EQ(verdict(SYS_clone, {CLONE_NEWUSER}), kRefused);
  EXPECT_EQ(verdict(SYS_clone, {CLONE_NEWUSER | CLONE_NEWNS | 17, 1, 2}), kRefused);
  EXPECT_EQ(verdict(SYS_clone, {kUpper | CLONE_NEWUSER}), kRefused);
  EXPECT_EQ(verdict(SYS_unshare, {CLONE_NEWUSER | CLONE_NEWNET}), kRefused);
  EXPECT_EQ(verdict(SYS_unshare, {kUpper | CLONE_NEWUSER}), kRefused);
  EXPECT_EQ(verdict(SYS_clone, {17, CLONE_NEWUSER, CLONE_NEWUSER}), kAllowed) << "fork";
  EXPECT_EQ(verdict(SYS_clone, {CLONE_VM | CLONE_FS | CLONE_FILES | CLONE_SIGHAND | CLONE_THREAD}),
            kAllowed)
      << "a thread";
  EXPECT_EQ(verdict(SYS_clone, {std::uint64_t{CLONE_NEWUSER} << 32 | 17}), kAllowed)
      << "the kernel looks at 32 bits";
  EXPECT_EQ(verdict(SYS_unshare, {CLONE_FILES | CLONE_FS}), kAllowed);
}

TEST(Seccomp, SaysThatCallsWithHiddenArgumentsDoNotExist) {
  for (const long call : {kClone3, kOpenat2, kFchmodat2}) {
    EXPECT_EQ(verdict(call, {}), kUnknown) << call;
    EXPECT_EQ(verdict(call, {~0ULL, ~0ULL, ~0ULL, ~0ULL, ~0ULL, ~0ULL}), kUnknown) << call;
  }
}

TEST(Seccomp, RefusesRingsKeysAndTracing) {
  for (const long call : {kIoUringSetup, long{SYS_keyctl}, long{SYS_add_key}, long{SYS_request_key},
                          long{SYS_ptrace}}) {
    EXPECT_EQ(verdict(call, {}), kRefused) << call;
    EXPECT_EQ(verdict(call, {~0ULL, ~0ULL, ~0ULL, ~0ULL, ~0ULL, ~0ULL}), kRefused) << call;
  }
}

TEST(Seccomp, KillsWhoComesByAnotherEntryPoint) {
  constexpr std::uint32_t kForeign[] = {AUDIT_ARCH_I386, AUDIT_ARCH_AARCH64, AUDIT_ARCH_ARM, 0};
  for (const std::uint32_t architecture : kForeign) {
    for (int call = 0; call <= 460; ++call)
      EXPECT_EQ(verdict(call, {}, architecture), kKilled) << call;
  }
  for (int call = 0; call <= 600; ++call)
    EXPECT_EQ(verdict(call | kX32, {}), kKilled) << call << " of x32";
}

TEST(Seccomp, AllowsEveryOtherCallWhateverItsArguments) {
  const std::set<long> named{SYS_chmod,   SYS_fchmod,  SYS_fchmodat,    SYS_creat,  SYS_mknod,
                             SYS_mknodat, SYS_open,    SYS_openat,      SYS_clone,  SYS_unshare,
                             SYS_keyctl,  SYS_add_key, SYS_request_key, SYS_ptrace, kIoUringSetup,
                             kClone3,     kOpenat2,    kFchmodat2};
  for (long call = 0; call <= 460; ++call) {
    if (named.contains(call)) continue;
    EXPECT_EQ(verdict(call, {}), kAllowed) << call;
    EXPECT_EQ(verdict(call, {~0ULL, ~0ULL, ~0ULL, ~0ULL, ~0ULL, ~0ULL}), kAllowed) << call;
  }
}

}  // namespace
}  // namespace mydocker::test
#endif
