#include "helpers/names.hpp"

#include <linux/capability.h>
#include <linux/sched.h>
#include <sys/resource.h>

#include <csignal>

namespace mydocker::names {
namespace {

TEST(Names, OfCapabilitiesAreThoseOfTheirNumbers) {
  // One at each end and some between: a name missing in the table would shift all behind it.
  EXPECT_EQ(capability(CAP_CHOWN), "chown");
  EXPECT_EQ(capability(CAP_NET_RAW), "net_raw");
  EXPECT_EQ(capability(CAP_SYS_ADMIN), "sys_admin");
  EXPECT_EQ(capability(CAP_MKNOD), "mknod");
  EXPECT_EQ(capability(CAP_AUDIT_READ), "audit_read");
  EXPECT_EQ(capability(CAP_CHECKPOINT_RESTORE), "checkpoint_restore");
}

TEST(Names, OfUnknownCapabilitiesAreTheirNumbers) {
  EXPECT_EQ(capability(41), "capability 41");
  EXPECT_EQ(capability(-1), "capability -1");
  EXPECT_EQ(capabilities({CAP_KILL, 99}), "kill, capability 99");
  EXPECT_EQ(capabilities({}), "");
}

TEST(Names, OfResourceLimitsAreThoseOfTheirNumbers) {
  EXPECT_EQ(resource_limit(RLIMIT_CPU), "cpu");
  EXPECT_EQ(resource_limit(RLIMIT_CORE), "core");
  EXPECT_EQ(resource_limit(RLIMIT_NOFILE), "nofile");
  EXPECT_EQ(resource_limit(RLIMIT_RTTIME), "rttime");
  EXPECT_EQ(resource_limit(16), "16");
  EXPECT_EQ(resource_limit(-1), "-1");
}

TEST(Names, OfCloneFlagsAreJoined) {
  EXPECT_EQ(clone_flags(0), "");
  EXPECT_EQ(clone_flags(CLONE_NEWPID), "CLONE_NEWPID");
  EXPECT_EQ(clone_flags(CLONE_NEWNS | CLONE_NEWUSER | CLONE_NEWCGROUP),
            "CLONE_NEWUSER|CLONE_NEWCGROUP|CLONE_NEWNS");
}

TEST(Names, OfSignals) {
  EXPECT_EQ(signal(SIGTERM), "SIGTERM");
  EXPECT_EQ(signal(SIGKILL), "SIGKILL");
  EXPECT_EQ(signal(SIGRTMAX), "signal " + std::to_string(SIGRTMAX));
}

}  // namespace
}  // namespace mydocker::names
