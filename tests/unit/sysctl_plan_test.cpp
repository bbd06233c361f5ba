// The sysctl stage: names become files, and are written while they can be.
#include <linux/sched.h>

#include "unit/samples.hpp"

namespace mydocker::test {
namespace {

Plan plan_with(std::vector<Sysctl> sysctls) {
  ContainerSpec spec = bare_spec();
  spec.sysctls = std::move(sysctls);
  return plan_of(spec);
}

std::string file_of(const std::string& name) {
  return all<WriteFile>(plan_with({{name, "1"}}).enter).at(0).path;
}

TEST(SysctlPlan, TakesTheNamesOfSysctl8) {
  EXPECT_EQ(file_of("net.ipv4.ip_forward"), "/proc/sys/net/ipv4/ip_forward");
  EXPECT_EQ(file_of("net/ipv4/ip_forward"), "/proc/sys/net/ipv4/ip_forward");
  EXPECT_EQ(file_of("kernel.shmmax"), "/proc/sys/kernel/shmmax");
  EXPECT_EQ(file_of("kernel/shmmax"), "/proc/sys/kernel/shmmax");
}

TEST(SysctlPlan, KeepsADotThatBelongsToAnInterface) {
  // Whichever of the two comes first is the separator; the other one stands for itself.
  EXPECT_EQ(file_of("net.ipv4.conf.eth0/100.forwarding"),
            "/proc/sys/net/ipv4/conf/eth0.100/forwarding");
  EXPECT_EQ(file_of("net/ipv4/conf/eth0.100/forwarding"),
            "/proc/sys/net/ipv4/conf/eth0.100/forwarding");
}

TEST(SysctlPlan, WritesTheValuesInTheOrderOfTheSpec) {
  const Plan plan = plan_with({{"kernel.msgmax", "8192"}, {"net.ipv4.ip_forward", "1", true}});
  EXPECT_EQ(all<WriteFile>(plan.enter),
            (std::vector<WriteFile>{{"/proc/sys/kernel/msgmax", "8192", Missing::is_an_error},
                                    {"/proc/sys/net/ipv4/ip_forward", "1", Missing::is_fine}}));
}

TEST(SysctlPlan, WritesBehindTheNamespacesAndBeforeProcSysIsReadOnly) {
  ContainerSpec spec = spec_of({"-a", "ls"});
  spec.namespaces.ipc = joined("/run/ipc");
  spec.sysctls = {{"kernel.msgmax", "8192"}};
  const auto& enter = plan_of(spec).enter;
  const auto at = index_of(enter, WriteFile{"/proc/sys/kernel/msgmax", "8192"});
  ASSERT_LT(at, enter.size());
  EXPECT_EQ(enter[at].stage, "sysctl");
  EXPECT_LT(index_of(enter, JoinNamespaces{CLONE_NEWIPC}), at);
  EXPECT_LT(index_of(enter, RaiseLoopback{}), at);
  EXPECT_LT(at, index_of(enter, MakeReadOnly{"/proc/sys"}));
  EXPECT_LT(at, index_of(enter, MakeMountsPrivate{}));
}

TEST(SysctlPlan, IsEmptyWithoutSettings) {
  for (const auto& step : plan_with({}).enter) EXPECT_NE(step.stage, "sysctl");
}

}  // namespace
}  // namespace mydocker::test
