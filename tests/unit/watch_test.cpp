// What MyDocker answers, counts and learns when the filter asks it.
#include "seccomp/watch.hpp"

#include <sys/syscall.h>

#include <algorithm>

#include "seccomp/compile_profile.hpp"
#include "seccomp_samples.hpp"
#include "verdicts.hpp"

#if defined(__x86_64__) && !defined(__ILP32__)
namespace mydocker::test {
namespace {

using Lines = std::vector<std::string>;
using Kind = CallAnswer::Kind;
using seccomp::Watch;

constexpr Verdict kAsked{SECCOMP_RET_USER_NOTIF, 0};
constexpr int kIoUringSetup = 425, kClone3 = 435;

ContainerSpec watching(SeccompWatch watch, SeccompChoice choice = DefaultAllowlist{}) {
  ContainerSpec out;
  out.seccomp = std::move(choice);
  out.seccomp_watch = watch;
  return out;
}

CallAnswer ask(Watch& watch, int call, std::vector<std::uint64_t> arguments = {},
               std::uint32_t entry = AUDIT_ARCH_X86_64) {
  WatchedCall asked{{call, entry, 0, {}}, 7};
  std::copy(arguments.begin(), arguments.end(), asked.data.args);
  return watch.answer(asked, [](pid_t thread) { return "old\x1b" + std::to_string(thread); });
}

TEST(SeccompWatch, AsksAboutWhatIsRefusedAndNothingElse) {
  const Filter filter = seccomp::watching_filter(
      seccomp::profile_of(watching(SeccompWatch::refused)), SeccompWatch::refused);
  for (const int call : {kIoUringSetup, int{SYS_ptrace}, int{SYS_mount}, 900})
    EXPECT_EQ(verdict(filter, call), kAsked) << call;
  EXPECT_EQ(verdict(filter, SYS_socket, {38}), kAsked);
  EXPECT_EQ(verdict(filter, SYS_socket, {1}), kAllowed);
  EXPECT_EQ(verdict(filter, SYS_read), kAllowed);
  EXPECT_EQ(verdict(filter, kClone3), kMissing) << "every program tries it first";
  EXPECT_EQ(verdict(filter, 20, {}, AUDIT_ARCH_I386), kAsked);
}

TEST(SeccompWatch, RefusesAsTheFilterWouldAndCounts) {
  Watch watch(watching(SeccompWatch::refused));
  for (int i = 0; i < 3; ++i) {
    const CallAnswer answer = ask(watch, kIoUringSetup);
    EXPECT_EQ(answer.kind, Kind::refuse);
    EXPECT_EQ(answer.error, EPERM);
  }
  EXPECT_EQ(ask(watch, SYS_socket, {38, 5, 0}).error, EAFNOSUPPORT);
  EXPECT_EQ(ask(watch, SYS_socket, {16, 3, 9}).error, EINVAL);
  EXPECT_EQ(ask(watch, 900).error, ENOSYS);
  EXPECT_EQ(ask(watch, SYS_ptrace).error, EPERM);
  EXPECT_EQ(ask(watch, SYS_ptrace).error, EPERM);
  EXPECT_EQ(ask(watch, SYS_bpf).error, EPERM);
  EXPECT_EQ(watch.refusals(),
            (Lines{"denied: io_uring_setup (EPERM), 3 times",
                   "denied: ptrace (EPERM), 2 times; --cap-add SYS_PTRACE allows it",
                   "denied: bpf (EPERM), once; --cap-add BPF allows it",
                   "denied: call 900 (ENOSYS), once", "denied: socket (EAFNOSUPPORT), once",
                   "denied: socket (EINVAL), once"}));
}

// Whoever is asked answers for registers only: memory may change before the kernel reads it.
TEST(SeccompWatch, LetsNothingGoOnThatItRefuses) {
  Watch watch(watching(SeccompWatch::refused));
  for (int call = 0; call <= 600; ++call) EXPECT_NE(ask(watch, call).kind, Kind::go_on) << call;
}

TEST(SeccompWatch, KillsAndNamesWhoComesByAnotherEntryPoint) {
  Watch watch(watching(SeccompWatch::refused));
  EXPECT_EQ(ask(watch, 20, {}, AUDIT_ARCH_I386).kind, Kind::kill);
  EXPECT_EQ(ask(watch, 0x40000000).kind, Kind::kill);
  EXPECT_EQ(watch.refusals(),
            Lines{"killed: 'old\\x1b7', a program of another architecture, 2 times; --abi32 lets "
                  "it run"});
}

TEST(SeccompWatch, DoesNotFillItsMemoryWithNumbers) {
  Watch watch(watching(SeccompWatch::refused));
  for (int call = 1000; call < 9000; ++call) static_cast<void>(ask(watch, call));
  const Lines lines = watch.refusals();
  EXPECT_LE(lines.size(), 201U);
  EXPECT_EQ(lines.front(), "denied: calls of other names, 7800 times");
}

TEST(SeccompWatch, LearnsWhatIsNeededAndNoMore) {
  const ContainerSpec spec = watching(SeccompWatch::allowed);
  const Filter filter = seccomp::watching_filter(seccomp::profile_of(spec), SeccompWatch::allowed);
  for (const int call : {int{SYS_read}, int{SYS_mount}, kClone3, 900})
    EXPECT_EQ(verdict(filter, call), kAsked) << call;
  EXPECT_EQ(verdict(filter, 20, {}, AUDIT_ARCH_I386), kKilled);

  Watch watch(spec);
  EXPECT_EQ(ask(watch, SYS_read).kind, Kind::go_on);
  EXPECT_EQ(ask(watch, SYS_socket, {2, 1, 0}).kind, Kind::go_on);
  EXPECT_EQ(ask(watch, SYS_clone, {17}).kind, Kind::go_on);
  EXPECT_EQ(ask(watch, SYS_ioctl, {0, 0x5401}).kind, Kind::go_on);
  EXPECT_EQ(ask(watch, kClone3).error, ENOSYS);
  EXPECT_EQ(ask(watch, SYS_mount).error, EPERM);
  EXPECT_EQ(ask(watch, 900).error, ENOSYS);
  EXPECT_TRUE(watch.refusals().empty());

  const SeccompProfile profile = watch.learned();
  EXPECT_EQ(profile.architectures, Lines{"SCMP_ARCH_X86_64"});
  const Filter learned = seccomp::compile_profile(profile);
  for (const int call : {int{SYS_read}, int{SYS_execve}, int{SYS_exit_group}})
    EXPECT_EQ(verdict(learned, call), kAllowed) << call;
  EXPECT_EQ(verdict(learned, SYS_socket, {2, 1, 0}), kAllowed);
  EXPECT_EQ(verdict(learned, SYS_socket, {10, 1, 0}), (Verdict{SECCOMP_RET_ERRNO, EAFNOSUPPORT}))
      << "not of this family";
  EXPECT_EQ(verdict(learned, SYS_ioctl, {0, 0x5401}), kAllowed);
  EXPECT_EQ(verdict(learned, SYS_ioctl, {0, 0x100005412}), kRefused) << "TIOCSTI, as before";
  EXPECT_EQ(verdict(learned, SYS_clone, {17}), kAllowed);
  EXPECT_NE(verdict(learned, SYS_clone, {0x10000000}), kAllowed);
  EXPECT_EQ(verdict(learned, kClone3), kMissing);
  EXPECT_EQ(verdict(learned, SYS_mount), kRefused) << "as it was refused before";
  EXPECT_EQ(verdict(learned, SYS_write), kMissing);
  EXPECT_EQ(verdict(learned, 20, {}, AUDIT_ARCH_I386), kKilled);
}

TEST(SeccompWatch, LearnsNothingThatTheListRefuses) {
  const ContainerSpec spec = watching(SeccompWatch::allowed);
  Watch watch(spec);
  for (int call = 0; call <= 600; ++call) static_cast<void>(ask(watch, call));
  const Filter learned = seccomp::compile_profile(watch.learned());
  const Filter list = seccomp::compile_profile(seccomp::profile_of(spec));
  for (int call = 0; call <= 600; ++call) {
    for (const std::uint64_t one :
         {0x0ULL, 0x1ULL, 0x2ULL, 0x10ULL, 0x11ULL, 0x5412ULL, 0x10000000ULL, 0x40000ULL, ~0ULL}) {
      if (verdict(learned, call, {one, one, one}) != kAllowed) continue;
      EXPECT_EQ(verdict(list, call, {one, one, one}), kAllowed) << call << ' ' << one;
    }
  }
}

TEST(SeccompWatch, LearnsOfAProgramThatIsFree) {
  const ContainerSpec spec = watching(SeccompWatch::allowed, Unconfined{});
  Watch watch(spec);
  EXPECT_EQ(ask(watch, SYS_mount).kind, Kind::go_on);
  EXPECT_EQ(ask(watch, 20, {}, AUDIT_ARCH_I386).kind, Kind::go_on);
  EXPECT_EQ(ask(watch, 900).kind, Kind::go_on);
  const Filter learned = seccomp::compile_profile(watch.learned());
  EXPECT_EQ(verdict(learned, SYS_mount), kAllowed);
  EXPECT_EQ(verdict(learned, 20, {}, AUDIT_ARCH_I386), kAllowed);
  EXPECT_EQ(verdict(learned, SYS_umount2), kMissing);
}

TEST(SeccompWatch, CountsByTheOriginalsList) {
  Watch watch(watching(SeccompWatch::refused, OriginalDenylist{}));
  EXPECT_EQ(ask(watch, SYS_chmod, {1, 04755}).error, EPERM);
  EXPECT_EQ(ask(watch, SYS_ptrace).error, EPERM);
  EXPECT_EQ(watch.refusals(),
            (Lines{"denied: chmod (EPERM), once", "denied: ptrace (EPERM), once"}));
}

}  // namespace
}  // namespace mydocker::test
#endif
