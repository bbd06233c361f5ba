// Plans as values: what a spec and a host turn into, outside of cgroups (cgroup_plan_test.cpp).
#include <linux/capability.h>
#include <linux/sched.h>

#include <algorithm>

#include "unit/samples.hpp"

namespace mydocker::test {
namespace {

constexpr std::uint64_t kAll =
    CLONE_NEWPID | CLONE_NEWNS | CLONE_NEWUTS | CLONE_NEWIPC | CLONE_NEWNET | CLONE_NEWCGROUP;

TEST(Plan, MakesSixNamespacesAndTheUsersOnlyWhenAsked) {
  EXPECT_EQ(plan_for({"-a", "ls"}).clone_flags, kAll);
  EXPECT_EQ(plan_for({"-aU", "ls"}).clone_flags, kAll | CLONE_NEWUSER);
}

TEST(Plan, NamesTheStageOfEachStep) {
  const Plan plan = plan_for({"-aUc", "-M", "1g", "ls"});
  std::vector<std::string_view> seen;
  for (const auto& step : plan.enter) {
    EXPECT_FALSE(step.why.empty()) << describe(step.action);
    if (seen.empty() || seen.back() != step.stage) seen.push_back(step.stage);
  }
  EXPECT_EQ(seen, (std::vector<std::string_view>{"user", "network", "uts", "pid", "sysctl", "mount",
                                                 "process", "capabilities", "gate", "landlock",
                                                 "descriptors", "seccomp", "exec"}));
}

TEST(Plan, IsTheSameForTheSameValues) {
  const Plan one = plan_for({"-aUc", "-M", "1g", "ls"}), two = plan_for({"-aUc", "-M", "1g", "ls"});
  ASSERT_EQ(one.enter.size(), two.enter.size());
  for (std::size_t i = 0; i < one.enter.size(); ++i)
    EXPECT_TRUE(one.enter[i].action == two.enter[i].action) << i;
}

TEST(Plan, BeginsWithARecordThatIsTakenBackLast) {
  const Plan plan = plan_for({"-ac", "-M", "1g", "ls"});
  const std::string record = "/run/mydocker/0123456789ab";
  EXPECT_TRUE(plan.prepare.front().action == Action(CreateRecord{record}));
  ASSERT_EQ(plan.prepare.front().undo.size(), 1U);
  EXPECT_TRUE(plan.prepare.front().undo[0] == Action(RemoveRecord{record}));
  const std::string about =
      R"({"root": "/srv/root", "command": ["ls"], "cgroup": "mydocker/0123456789ab", )"
      R"("network": "none", "image": null, )";
  const auto* const child = std::get_if<RecordChild>(&plan.attach.front().action);
  ASSERT_NE(child, nullptr);
  EXPECT_EQ(child->path, record);
  EXPECT_TRUE(child->description.starts_with(about)) << child->description;
}

TEST(Plan, WritesTheIdMapsBeforeTheChildBecomesRoot) {
  const Plan plan = plan_for({"-aU", "ls"});
  EXPECT_TRUE(has(plan.attach, WriteFile{"/proc/<child>/uid_map", "0 100000 65536\n"}));
  EXPECT_TRUE(has(plan.attach, WriteFile{"/proc/<child>/gid_map", "0 100000 65536\n"}));
  EXPECT_TRUE(plan.enter.front().action == Action(SetIds{User{0, 0, {}}}));
  const Plan privileged = plan_for({"-a", "ls"});
  EXPECT_FALSE(writes_id_maps(privileged));
}

TEST(Plan, SetsTheHostnameWhole) {
  EXPECT_TRUE(has(plan_for({"-a", "ls"}).enter, SetHostname{"container"}));
  EXPECT_TRUE(has(plan_for({"-a", "--hostname", "web", "ls"}).enter, SetHostname{"web"}));
}

TEST(Plan, LetsEveryMappedGroupPing) {
  const std::string file = "/proc/sys/net/ipv4/ping_group_range";
  EXPECT_TRUE(has(plan_for({"-aU", "ls"}).enter, WriteFile{file, "0 65535", Missing::is_fine}));
  EXPECT_TRUE(has(plan_for({"-a", "ls"}).enter, WriteFile{file, "0 2147483647", Missing::is_fine}));
}

TEST(Plan, LetsPingBeforeProcSysIsReadOnly) {
  const auto& enter = plan_for({"-a", "ls"}).enter;
  EXPECT_LT(index_of(enter, WriteFile{"/proc/sys/net/ipv4/ping_group_range", "0 2147483647",
                                      Missing::is_fine}),
            index_of(enter, MakeReadOnly{"/proc/sys"}));
}

std::vector<int> dropped(int last) {
  HostFacts facts = v2_host();
  facts.last_capability = last;
  return all<DropBounding>(plan_for({"-a", "ls"}, facts).enter).at(0).capabilities;
}

TEST(Capabilities, OfTheContractAreDropped) {
  const auto list = dropped(40);
  for (const int number : {CAP_NET_BROADCAST,
                           CAP_SYS_MODULE,
                           CAP_SYS_RAWIO,
                           CAP_SYS_PACCT,
                           CAP_SYS_ADMIN,
                           CAP_SYS_NICE,
                           CAP_SYS_RESOURCE,
                           CAP_SYS_TIME,
                           CAP_SYS_TTY_CONFIG,
                           CAP_AUDIT_CONTROL,
                           CAP_MAC_OVERRIDE,
                           CAP_MAC_ADMIN,
                           CAP_NET_ADMIN,
                           CAP_SYSLOG,
                           CAP_DAC_READ_SEARCH,
                           CAP_LINUX_IMMUTABLE,
                           CAP_IPC_LOCK,
                           CAP_IPC_OWNER,
                           CAP_SYS_PTRACE,
                           CAP_SYS_BOOT,
                           CAP_LEASE,
                           CAP_WAKE_ALARM,
                           CAP_BLOCK_SUSPEND,
                           CAP_MKNOD,
                           CAP_AUDIT_READ,
                           CAP_AUDIT_WRITE,
                           CAP_FSETID,
                           CAP_SETFCAP,
                           CAP_NET_RAW,
                           CAP_PERFMON,
                           CAP_BPF,
                           CAP_CHECKPOINT_RESTORE}) {
    EXPECT_NE(std::find(list.begin(), list.end(), number), list.end()) << number;
  }
}

TEST(Capabilities, OfANewerKernelAreDroppedToo) {
  EXPECT_EQ(dropped(40).size() + 3, dropped(43).size());
  EXPECT_EQ(dropped(43).back(), 43);
  EXPECT_EQ(dropped(37).back(), 37) << "an older kernel is not asked for what it does not know";
}

TEST(Capabilities, StayWithRootAndWithNobodyElse) {
  const auto root = all<SetCapabilities>(plan_for({"-a", "ls"}).enter);
  ASSERT_EQ(root.size(), 1U);
  const std::vector<int> kept{CAP_CHOWN,   CAP_DAC_OVERRIDE,     CAP_FOWNER,
                              CAP_KILL,    CAP_SETGID,           CAP_SETUID,
                              CAP_SETPCAP, CAP_NET_BIND_SERVICE, CAP_SYS_CHROOT};
  EXPECT_EQ(root[0], (SetCapabilities{{kept, kept, kept, {}, {}}, {}}));
  const auto& enter = plan_for({"-a", "--user", "1000:50", "ls"}).enter;
  EXPECT_TRUE(has(enter, SetCapabilities{{kept, {}, {}, {}, {}}, {}}));
  EXPECT_TRUE(has(enter, SetIds{User{1000, 50, {50}}}));
}

TEST(Capabilities, GoAfterThePivotAndBeforeTheFilter) {
  const auto& enter = plan_for({"-aU", "ls"}).enter;
  EXPECT_LT(index_of(enter, PivotRoot{}), index_of(enter, all<DropBounding>(enter).at(0)));
  EXPECT_LT(index_of(enter, all<DropBounding>(enter).at(0)),
            index_of(enter, all<SetCapabilities>(enter).at(0)));
  EXPECT_LT(index_of(enter, NoNewPrivileges{}), enter.size() - 2);
  EXPECT_TRUE(std::holds_alternative<LoadSeccomp>(enter[enter.size() - 2].action));
  EXPECT_TRUE(std::holds_alternative<Exec>(enter.back().action));
}

ContainerSpec spec_with_capabilities(const std::vector<int>& capabilities) {
  ContainerSpec spec = spec_of({"-a", "ls"});
  CapabilitySets& sets = spec.process.capabilities;
  sets.bounding = sets.permitted = sets.effective = capabilities;
  return spec;
}

SetCapabilities set_by(const ContainerSpec& spec, const HostFacts& facts = v2_host()) {
  return all<SetCapabilities>(plan_of(spec, facts).enter).at(0);
}

TEST(Capabilities, KeepSysAdminUntilExecForAFilterWithoutNoNewPrivileges) {
  ContainerSpec spec = spec_with_capabilities({CAP_KILL});
  EXPECT_EQ(set_by(spec).until_exec, std::vector<int>{});
  spec.process.no_new_privileges = false;
  EXPECT_EQ(set_by(spec).until_exec, std::vector<int>{CAP_SYS_ADMIN});
  EXPECT_EQ(set_by(spec).sets, spec.process.capabilities) << "and in no set of the entrypoint's";
  EXPECT_FALSE(has(plan_of(spec).enter, NoNewPrivileges{}));
  spec.seccomp = Unconfined{};
  spec.file_access.reset();
  EXPECT_EQ(set_by(spec).until_exec, std::vector<int>{}) << "no filter, no seal, no need";
  EXPECT_TRUE(all<LoadSeccomp>(plan_of(spec).enter).empty());
  spec = spec_with_capabilities({CAP_KILL, CAP_SYS_ADMIN});
  spec.process.no_new_privileges = false;
  EXPECT_EQ(set_by(spec).until_exec, std::vector<int>{}) << "it is there anyway";
}

TEST(Capabilities, ThatMyDockerLacksAreAskedForInNoSet) {
  ContainerSpec spec = spec_with_capabilities({CAP_KILL, CAP_NET_RAW});
  spec.process.capabilities.inheritable = {CAP_NET_RAW};
  spec.process.capabilities.ambient = {CAP_NET_RAW};
  HostFacts facts = v2_host();
  EXPECT_EQ(set_by(spec, facts).sets, spec.process.capabilities);
  facts.lacking_capabilities = {CAP_NET_RAW, CAP_SYS_ADMIN};
  const std::vector<int> left{CAP_KILL};
  EXPECT_EQ(set_by(spec, facts).sets, (CapabilitySets{left, left, left, {}, {}}));
  const auto lost = all<DropBounding>(plan_of(spec, facts).enter).at(0).capabilities;
  EXPECT_NE(std::find(lost.begin(), lost.end(), CAP_NET_RAW), lost.end());
  EXPECT_EQ(std::find(lost.begin(), lost.end(), CAP_KILL), lost.end());
}

TEST(Capabilities, AreEachSetAsItWasAskedFor) {
  ContainerSpec spec = spec_with_capabilities({});
  spec.process.capabilities = {
      {CAP_KILL, CAP_CHOWN, CAP_FOWNER}, {CAP_KILL}, {CAP_KILL, CAP_CHOWN}, {CAP_KILL}, {CAP_KILL}};
  EXPECT_EQ(set_by(spec).sets, spec.process.capabilities);
}

TEST(Death, OfMyDockerIsAskedForAgainAfterTheLastChangeOfIds) {
  const auto& enter = plan_for({"-aU", "--user", "app", "ls"}).enter;
  const auto ids = index_of(enter, SetIds{User{1000, 1001, {1001, 50}}});
  ASSERT_LT(ids, enter.size());
  EXPECT_EQ(all<DieWithParent>(enter).size(), 2U);
  EXPECT_LT(index_of(enter, DieWithParent{}), index_of(enter, PivotRoot{}));
  EXPECT_TRUE(std::any_of(enter.begin() + static_cast<std::ptrdiff_t>(ids), enter.end(),
                          [](const Step& step) { return step.action == Action(DieWithParent{}); }));
}

TEST(Entrypoint, IsLookedUpInTheContainersPath) {
  const auto& enter = plan_for({"-a", "--env", "PATH=/opt/bin:/bin", "ls", "-l"}).enter;
  EXPECT_TRUE(has(enter, FindExecutable{"ls", "/opt/bin:/bin"}));
  const auto exec = all<Exec>(enter);
  ASSERT_EQ(exec.size(), 1U);
  EXPECT_EQ(exec[0].argv, (Words{"ls", "-l"}));
  EXPECT_EQ(exec[0].environment.front(), "PATH=/opt/bin:/bin");
  EXPECT_FALSE(exec[0].under_init);
}

TEST(Entrypoint, RunsUnderInitWhenAsked) {
  EXPECT_TRUE(all<Exec>(plan_for({"-a", "--init", "ls"}).enter).at(0).under_init);
}

TEST(Session, IsNewWithATerminalOrWithout) {
  const auto& plain = plan_for({"-a", "ls"}).enter;
  EXPECT_TRUE(has(plain, NewSession{}));
  EXPECT_TRUE(all<OpenTerminal>(plain).empty());
  const auto& terminal = plan_for({"-a", "--tty", "--user", "app", "ls"}).enter;
  EXPECT_TRUE(has(terminal, OpenTerminal{{true, true, true}, 24, 80, 1000, ConsoleFile::made}));
  EXPECT_TRUE(all<NewSession>(terminal).empty());
}

TEST(Process, IsResetBeforeTheEntrypointRuns) {
  const auto& enter = plan_for({"-a", "--workdir", "/w", "ls"}).enter;
  for (const Action& action :
       {Action(JoinSessionKeyring{}), Action(ResetSignals{}), Action(SetUmask{022}),
        Action(ChangeDirectory{"/w"}), Action(CloseOnExec{3})}) {
    EXPECT_LT(index_of(enter, action), enter.size()) << describe(action);
  }
  EXPECT_LT(index_of(enter, PivotRoot{}), index_of(enter, ChangeDirectory{"/w"}));
}

}  // namespace
}  // namespace mydocker::test
