// The default filter's calls whose arguments decide. The kernel reads an int: so half an argument
// that it does not look at may hold anything.
#include <fcntl.h>
#include <linux/capability.h>
#include <linux/netlink.h>
#include <linux/sched.h>
#include <sys/ioctl.h>
#include <sys/personality.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>

#include <string>

#include "seccomp/allowlist.hpp"
#include "seccomp/compile_profile.hpp"
#include "verdicts.hpp"

#if defined(__x86_64__) && !defined(__ILP32__)
namespace mydocker::test {
namespace {

using seccomp::Freedoms;
using Arguments = std::vector<std::uint64_t>;

constexpr std::uint64_t kCreate = O_CREAT | O_WRONLY, kWrite = O_WRONLY;
constexpr std::uint64_t kUpper[] = {0, 0x100000000, 0xDEADBEEF00000000};
constexpr Verdict kInvalid{SECCOMP_RET_ERRNO, EINVAL}, kNoFamily{SECCOMP_RET_ERRNO, EAFNOSUPPORT};
constexpr std::uint64_t kNamespaces[] = {CLONE_NEWNS,   CLONE_NEWCGROUP, CLONE_NEWUTS, CLONE_NEWIPC,
                                         CLONE_NEWUSER, CLONE_NEWPID,    CLONE_NEWNET};

Filter filter_with(const Freedoms& freedoms = {}) {
  return seccomp::compile_profile(seccomp::allowlist_profile(freedoms));
}

Filter with_capability(int capability) {
  return filter_with({std::uint64_t{1} << capability, false, true});
}

// The answer with anything at all in the halves that the kernel does not look at.
void expect_answer(const Filter& filter, int call, const Arguments& arguments, Verdict right) {
  for (const auto upper : kUpper) {
    Arguments dirty = arguments;
    for (auto& one : dirty) one |= upper;
    EXPECT_EQ(verdict(filter, call, dirty), right)
        << "call " << call << " (" << std::hex << dirty.front() << ", ...)";
  }
}

TEST(AllowlistArguments, NewNamespacesAreRefusedToCloneAndUnshare) {
  const Filter filter = filter_with(), admin = with_capability(CAP_SYS_ADMIN);
  for (const auto one : kNamespaces) {
    for (const std::uint64_t beside :
         {std::uint64_t{0}, std::uint64_t{SIGCHLD}, std::uint64_t{CLONE_VM | CLONE_FILES}}) {
      expect_answer(filter, SYS_clone, {one | beside, 0, 0}, kRefused);
      expect_answer(filter, SYS_unshare, {one | beside}, kRefused);
      expect_answer(admin, SYS_clone, {one | beside, 0, 0}, kAllowed);
      expect_answer(admin, SYS_unshare, {one | beside}, kAllowed);
    }
  }
  expect_answer(filter, SYS_unshare, {CLONE_NEWTIME}, kRefused);
  expect_answer(filter, SYS_setns, {3, 0}, kRefused);
  expect_answer(admin, SYS_setns, {3, 0}, kAllowed);
}

TEST(AllowlistArguments, ForkThreadsAndPlainUnshareAreAllowed) {
  const Filter filter = filter_with();
  constexpr std::uint64_t kThread = CLONE_VM | CLONE_FS | CLONE_FILES | CLONE_SIGHAND |
                                    CLONE_THREAD | CLONE_SYSVSEM | CLONE_SETTLS |
                                    CLONE_PARENT_SETTID | CLONE_CHILD_CLEARTID;
  expect_answer(filter, SYS_clone, {kThread, 1, 2, 3, 4}, kAllowed);
  expect_answer(filter, SYS_clone, {CLONE_CHILD_SETTID | CLONE_CHILD_CLEARTID | SIGCHLD}, kAllowed);
  expect_answer(filter, SYS_clone, {CLONE_VM | CLONE_VFORK | SIGCHLD}, kAllowed);
  // The signal of the end lies where unshare has CLONE_NEWTIME.
  expect_answer(filter, SYS_clone, {0xFF}, kAllowed);
  expect_answer(filter, SYS_unshare, {CLONE_FS | CLONE_FILES | CLONE_SYSVSEM}, kAllowed);
}

TEST(AllowlistArguments, SocketsAreOfFourFamilies) {
  const Filter filter = filter_with();
  for (std::uint64_t family = 0; family <= 64; ++family) {
    Verdict right = kNoFamily;
    if (family == AF_UNIX || family == AF_INET || family == AF_INET6) right = kAllowed;
    if (family == AF_PACKET) right = kRefused;
    if (family == AF_NETLINK) continue;
    for (const std::uint64_t type : {SOCK_STREAM, SOCK_DGRAM, SOCK_RAW, SOCK_SEQPACKET})
      expect_answer(filter, SYS_socket, {family, type, 0}, right);
  }
  expect_answer(with_capability(CAP_NET_RAW), SYS_socket, {AF_PACKET, SOCK_RAW, 768}, kAllowed);
}

TEST(AllowlistArguments, NetlinkIsOfFourProtocols) {
  const Filter filter = filter_with(), admin = with_capability(CAP_NET_ADMIN);
  for (std::uint64_t protocol = 0; protocol <= 32; ++protocol) {
    Verdict right = kRefused;
    if (protocol == NETLINK_ROUTE || protocol == NETLINK_SOCK_DIAG ||
        protocol == NETLINK_KOBJECT_UEVENT || protocol == NETLINK_GENERIC)
      right = kAllowed;
    if (protocol == NETLINK_AUDIT) right = kInvalid;
    expect_answer(filter, SYS_socket, {AF_NETLINK, SOCK_RAW, protocol}, right);
    if (protocol == NETLINK_XFRM || protocol == NETLINK_NETFILTER) right = kAllowed;
    expect_answer(admin, SYS_socket, {AF_NETLINK, SOCK_RAW, protocol}, right);
  }
  for (const int capability : {CAP_AUDIT_WRITE, CAP_AUDIT_CONTROL}) {
    expect_answer(with_capability(capability), SYS_socket, {AF_NETLINK, SOCK_RAW, NETLINK_AUDIT},
                  kAllowed);
  }
}

TEST(AllowlistArguments, PairsOfSocketsAreLocal) {
  const Filter filter = filter_with();
  expect_answer(filter, SYS_socketpair, {AF_UNIX, SOCK_STREAM, 0}, kAllowed);
  for (const std::uint64_t family :
       {std::uint64_t{AF_INET}, std::uint64_t{AF_NETLINK}, std::uint64_t{30}})
    expect_answer(filter, SYS_socketpair, {family, SOCK_STREAM, 0}, kNoFamily);
}

TEST(AllowlistArguments, NothingIsTypedIntoATerminal) {
  constexpr std::uint64_t kTyping[] = {TIOCSTI, 0x541C, TIOCSETD};
  constexpr std::uint64_t kOrdinary[] = {TCGETS, TIOCGWINSZ, TIOCSPGRP, FIONREAD,
                                         0,      0x5411,     0x5413};
  for (const auto& filter : {filter_with(), filter_with({~std::uint64_t{0}, true, true})}) {
    for (const auto request : kTyping) expect_answer(filter, SYS_ioctl, {0, request, 0}, kRefused);
    for (const auto request : kOrdinary)
      expect_answer(filter, SYS_ioctl, {0, request, 0}, kAllowed);
  }
}

TEST(AllowlistArguments, NoPersonalityTakesAProtectionAway) {
  const Filter filter = filter_with();
  for (const std::uint64_t persona : {0x0U, 0x8U, 0x20000U, 0x20008U, 0xFFFFFFFFU})
    expect_answer(filter, SYS_personality, {persona}, kAllowed);
  for (int bit = 0; bit < 32; ++bit) {
    const std::uint64_t persona = std::uint64_t{1} << bit;
    if (persona == 0x8 || persona == 0x20000) continue;
    expect_answer(filter, SYS_personality, {persona}, kRefused);
    expect_answer(filter, SYS_personality, {persona | PER_LINUX32}, kRefused);
  }
}

TEST(AllowlistArguments, SegmentsAreForThirtyTwoBitPrograms) {
  expect_answer(filter_with(), SYS_modify_ldt, {1}, kRefused);
  expect_answer(filter_with({0, true, true}), SYS_modify_ldt, {1}, kAllowed);
}

TEST(AllowlistArguments, SetIdModesPassUnlessOthersCouldRunTheFile) {
  constexpr int kFchmodat2 = 452, kOpenat2 = 437;
  const Filter usual = filter_with(), open = filter_with({0, false, false});
  for (const unsigned mode : {04755U, 02755U, 06777U}) {
    expect_answer(usual, SYS_fchmodat, {1, 2, mode}, kAllowed);
    expect_answer(open, SYS_fchmodat, {1, 2, mode}, kRefused);
    expect_answer(open, SYS_mknod, {1, mode}, kRefused);
    expect_answer(open, SYS_openat, {1, 2, kCreate, mode}, kRefused);
    expect_answer(open, SYS_openat, {1, 2, kWrite, mode}, kAllowed);
  }
  expect_answer(open, SYS_fchmodat, {1, 2, 01777}, kAllowed);
  for (const int call : {kFchmodat2, kOpenat2}) {
    expect_answer(usual, call, {1, 2, 3}, kAllowed);
    expect_answer(open, call, {1, 2, 3}, kMissing);
  }
}

}  // namespace
}  // namespace mydocker::test
#endif
