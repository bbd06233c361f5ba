// A sound plan, broken in one way at a time: each rule notices.
#include "plan/rules.hpp"

#include <linux/capability.h>
#include <linux/sched.h>

#include <algorithm>
#include <stdexcept>

#include "unit/samples.hpp"

namespace mydocker::test {
namespace {

Plan sound() { return plan_for({"-aUc", "-M", "64m", "--user", "app", "--volume", "/a:/b", "ls"}); }

void insert(std::vector<Step>& steps, std::size_t at, Action action) {
  steps.insert(steps.begin() + static_cast<std::ptrdiff_t>(at),
               Step{std::move(action), "a test", {}, "test"});
}

template <class Kind>
Step take(std::vector<Step>& steps) {
  const auto found = std::find_if(steps.begin(), steps.end(), [](const Step& step) {
    return std::holds_alternative<Kind>(step.action);
  });
  Step out = *found;
  steps.erase(found);
  return out;
}

template <class Kind>
void remove_all(std::vector<Step>& steps) {
  std::erase_if(steps, [](const Step& step) { return std::holds_alternative<Kind>(step.action); });
}

SetCapabilities& capabilities_of(Plan& plan) {
  const auto found = std::find_if(plan.enter.begin(), plan.enter.end(), [](const Step& step) {
    return std::holds_alternative<SetCapabilities>(step.action);
  });
  return std::get<SetCapabilities>(found->action);
}

void expect_broken(const Plan& plan, const std::string& rule) {
  const auto broken = broken_rules(plan);
  EXPECT_NE(std::find(broken.begin(), broken.end(), rule), broken.end()) << "not noticed: " << rule;
}

TEST(Rules, HoldInEveryPlanOfTheStages) {
  for (const Words& words :
       {Words{"-a", "ls"}, Words{"-aU", "--init", "ls"}, Words{"-aUc", "-M", "1g", "--tty", "ls"},
        Words{"-a", "--read-only", "--volume", "/a:/b", "--tmpfs", "/t", "--user", "app", "ls"}}) {
    EXPECT_EQ(broken_rules(plan_for(words)), Words{});
    EXPECT_EQ(broken_rules(plan_for(words, v1_host())), Words{});
  }
  EXPECT_EQ(broken_rules(sound()), Words{});
}

TEST(Rules, WantExecLastAndOnce) {
  const std::string rule = "exec is the child's last step, once";
  Plan plan = sound();
  insert(plan.enter, plan.enter.size(), CloseOnExec{});
  expect_broken(plan, rule);
  plan = sound();
  insert(plan.enter, 0, Exec{});
  expect_broken(plan, rule);
  plan = sound();
  plan.enter.pop_back();
  expect_broken(plan, rule);
  expect_broken(Plan{}, rule);
}

TEST(Rules, WantTheFilterDirectlyBeforeExec) {
  Plan plan = sound();
  insert(plan.enter, plan.enter.size() - 1, CloseOnExec{});
  expect_broken(plan, "the seccomp filter is loaded directly before exec");
}

TEST(Rules, WantNoNewPrivilegesBeforeTheFilter) {
  const std::string rule =
      "the seccomp filter finds no_new_privs set, or CAP_SYS_ADMIN still there";
  Plan plan = sound();
  const Step locked = take<NoNewPrivileges>(plan.enter);
  expect_broken(plan, rule);
  plan.enter.push_back(locked);
  expect_broken(plan, rule);
}

TEST(Rules, WantAFilterThatIsLoadedByWhoMay) {
  const std::string rule =
      "the seccomp filter finds no_new_privs set, or CAP_SYS_ADMIN still there";
  Plan plan = sound();
  take<NoNewPrivileges>(plan.enter);
  expect_broken(plan, rule);
  capabilities_of(plan).until_exec = {CAP_SYS_ADMIN};
  EXPECT_EQ(broken_rules(plan), Words{});
  capabilities_of(plan).until_exec = {CAP_NET_ADMIN};
  expect_broken(plan, rule);
  capabilities_of(plan).until_exec = {};
  capabilities_of(plan).sets.effective = {CAP_SYS_ADMIN};
  EXPECT_EQ(broken_rules(plan), Words{});
}

TEST(Rules, WantWhatIsKeptUntilExecToEndThere) {
  const std::string rule = "a capability kept until exec is in no set that outlives it";
  for (const auto set : {&CapabilitySets::inheritable, &CapabilitySets::ambient}) {
    Plan plan = sound();
    capabilities_of(plan).until_exec = {CAP_SYS_ADMIN};
    capabilities_of(plan).sets.*set = {CAP_KILL};
    EXPECT_EQ(broken_rules(plan), Words{});
    (capabilities_of(plan).sets.*set).push_back(CAP_SYS_ADMIN);
    expect_broken(plan, rule);
  }
}

TEST(Rules, WantTheSealBehindEveryMount) {
  const std::string rule = "the seal of files stands behind every mount";
  Plan plan = sound();
  const Step seal = take<RestrictFiles>(plan.enter);
  EXPECT_EQ(broken_rules(plan), Words{}) << "a kernel without Landlock";
  insert(plan.enter, 0, seal.action);
  expect_broken(plan, rule);
}

TEST(Rules, WantASealByWhoMay) {
  const std::string rule = "the seal of files finds no_new_privs set, or CAP_SYS_ADMIN still there";
  Plan plan = sound();
  take<NoNewPrivileges>(plan.enter);
  expect_broken(plan, rule);
  capabilities_of(plan).until_exec = {CAP_SYS_ADMIN};
  EXPECT_EQ(broken_rules(plan), Words{});
}

TEST(Rules, WantNoPivotWhereAMountNamespaceIsJoined) {
  ContainerSpec spec = spec_of({"-a", "ls"});
  spec.namespaces.mount = joined("/proc/7/ns/mnt");
  Plan plan = plan_of(spec);
  EXPECT_EQ(broken_rules(plan), Words{});
  remove_all<JoinNamespaces>(plan.enter);
  expect_broken(plan, "the child leaves the host's root by pivot_root");
  insert(plan.enter, 0, JoinNamespaces{CLONE_NEWNET | CLONE_NEWIPC});
  expect_broken(plan, "the child leaves the host's root by pivot_root");
}

TEST(Rules, WantOnePivot) {
  Plan plan = sound();
  insert(plan.enter, 0, PivotRoot{});
  expect_broken(plan, "pivot_root happens once");
  remove_all<PivotRoot>(plan.enter);
  expect_broken(plan, "the child leaves the host's root by pivot_root");
}

TEST(Rules, WantNoMountBehindThePivot) {
  for (const Action& action :
       {Action(MountFileSystem{"proc", "/proc", {}, {}, false}), Action(AttachTree{1, "/b"}),
        Action(BindDevice{"/dev/null", "/dev/null"}), Action(MaskPath{"/proc/keys"}),
        Action(BindFolder{"/a", "/b", {}})}) {
    Plan plan = sound();
    insert(plan.enter, index_of(plan.enter, PivotRoot{}) + 1, action);
    expect_broken(plan, "nothing is mounted after pivot_root");
  }
}

TEST(Rules, WantNothingPrivilegedBehindTheDrop) {
  for (const Action& action :
       {Action(AttachRoot{}), Action(AttachTree{1, "/b"}),
        Action(MountFileSystem{"proc", "/proc", {}, {}, false}),
        Action(MakeNode{{"/dev/x", 'c', 1, 3}}), Action(BindDevice{"/dev/null", "/dev/null"}),
        Action(MaskPath{"/x"}), Action(MakeReadOnly{"/x"}), Action(PivotRoot{}),
        Action(SetHostname{"x"}), Action(RaiseLoopback{}), Action(Unshare{CLONE_NEWCGROUP}),
        Action(OpenTerminal{}), Action(SetPropagation{}), Action(JoinNamespaces{CLONE_NEWNET}),
        Action(SetDomainname{"x"}), Action(SetRlimit{}), Action(BindFolder{"/a", "/b", {}})}) {
    Plan plan = sound();
    insert(plan.enter, index_of(plan.enter, NoNewPrivileges{}) + 1, action);
    expect_broken(plan, "nothing privileged follows the capability drop");
  }
}

TEST(Rules, WantTheCapabilitiesDropped) {
  Plan plan = sound();
  remove_all<SetCapabilities>(plan.enter);
  expect_broken(plan, "the child drops its capabilities");
}

TEST(Rules, WantTheBoundingSetDroppedFirst) {
  const std::string rule = "the bounding set is dropped while SETPCAP is still there";
  Plan plan = sound();
  const Step bounding = take<DropBounding>(plan.enter);
  expect_broken(plan, rule);
  insert(plan.enter, index_of(plan.enter, NoNewPrivileges{}), bounding.action);
  expect_broken(plan, rule);
}

TEST(Rules, WantTheDeathSignalAskedForAfterTheLastIds) {
  const std::string rule =
      "the parent-death signal is asked for again after the last change of ids";
  Plan plan = sound();
  insert(plan.enter, plan.enter.size() - 2, SetIds{User{5, 5, {}}});
  expect_broken(plan, rule);
  plan = sound();
  remove_all<DieWithParent>(plan.enter);
  expect_broken(plan, rule);
}

TEST(Rules, WantDescriptorsClosed) {
  Plan plan = sound();
  remove_all<CloseOnExec>(plan.enter);
  expect_broken(plan, "inherited descriptors are closed on exec");
}

TEST(Rules, WantCgroupsBeforeTheChild) {
  Plan plan = sound();
  plan.attach.push_back(take<MakeCgroup>(plan.prepare));
  expect_broken(
      plan, "cgroups and their limits are made before the child exists, unless systemd makes them");
}

StagePlan only_exec(const ContainerSpec&, const HostFacts&) {
  return {.enter = {{Exec{{"ls"}, {}, false}, "a test", {}, {}}}};
}

TEST(Rules, KeepMakePlanFromGivingAnUnsoundPlan) {
  const Stage stage{"exec", "", "", only_exec};
  EXPECT_THROW(static_cast<void>(make_plan({&stage, 1}, spec_of({"-a", "ls"}), v2_host())),
               std::logic_error);
}

TEST(Rules, WantAnUndoForWhatIsCreatedOnTheHost) {
  Plan plan = sound();
  insert(plan.prepare, 0, CreateRecord{"/run/x"});
  expect_broken(plan, "what is created on the host has an undo");
  plan = sound();
  insert(plan.attach, 0, StartUnit{Systemd::of_system, "a.scope", "b.slice", "c", {}});
  expect_broken(plan, "what is created on the host has an undo");
}

TEST(Rules, WantRulesOfThePacketFilterAwaited) {
  const std::string rule = "rules of the packet filter that were asked for are awaited";
  const Plan sound = plan_for({"-a", "--network", "original", "--dns", "192.0.2.1", "ls"});
  EXPECT_EQ(broken_rules(sound), Words{});
  Plan plan = sound;
  remove_all<AwaitRules>(plan.finish);
  expect_broken(plan, rule);
  plan = sound;
  remove_all<StartFirewall>(plan.prepare);
  expect_broken(plan, rule);
}

}  // namespace
}  // namespace mydocker::test
