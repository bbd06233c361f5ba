// What an engine asks for besides: hooks at their places, and a container that outlives MyDocker.
#include "unit/samples.hpp"

namespace mydocker::test {
namespace {

Hook hook(const std::string& path) { return {path, {path, "word"}, {"A=1"}, {}}; }

ContainerSpec spec_with_hooks() {
  ContainerSpec spec = bare_spec();
  spec.hooks.prestart = {hook("/prestart1"), hook("/prestart2")};
  spec.hooks.create_runtime = {hook("/runtime")};
  spec.hooks.create_container = {hook("/container")};
  spec.hooks.start_container = {hook("/start")};
  spec.hooks.poststart = {hook("/poststart")};
  spec.hooks.poststop = {hook("/poststop")};
  return spec;
}

TEST(HookPlaces, OfTheHostAreWhileTheChildWaitsBeforeThePivot) {
  const Plan plan = plan_of(spec_with_hooks());
  EXPECT_EQ(all<RunHook>(plan.meanwhile),
            (std::vector<RunHook>{{hook("/prestart1"), "prestart", "creating"},
                                  {hook("/prestart2"), "prestart", "creating"},
                                  {hook("/runtime"), "createRuntime", "creating"}}));
  EXPECT_EQ(plan.meanwhile.size(), 3U);
  ASSERT_EQ(all<AwaitHooks>(plan.enter).size(), 1U);
  EXPECT_LT(index_of(plan.enter, AttachRoot{"/srv/root"}), index_of(plan.enter, AwaitHooks{}));
  EXPECT_LT(index_of(plan.enter, AwaitHooks{}), index_of(plan.enter, PivotRoot{}));
}

TEST(HookPlaces, OfTheContainersCreationAreBetweenThoseAndThePivot) {
  const auto& enter = plan_of(spec_with_hooks()).enter;
  const auto at = index_of(enter, RunHook{hook("/container"), "createContainer", "creating"});
  EXPECT_LT(index_of(enter, AwaitHooks{}), at);
  EXPECT_LT(at, index_of(enter, PivotRoot{}));
}

TEST(HookPlaces, OfTheStartAreBehindTheRendezvousAndBeforeTheFilter) {
  const auto& enter = plan_of(spec_with_hooks()).enter;
  const auto at = index_of(enter, RunHook{hook("/start"), "startContainer", "created"});
  EXPECT_EQ(index_of(enter, Rendezvous{}) + 1, at);
  EXPECT_LT(at, index_of(enter, CloseOnExec{3}));
  EXPECT_EQ(all<RunHook>(enter).size(), 2U) << "poststart and poststop are the front end's";
}

TEST(HookPlaces, LeaveNoTraceInAPlanWithoutHooks) {
  const Plan plan = plan_of(bare_spec());
  EXPECT_TRUE(plan.meanwhile.empty());
  EXPECT_TRUE(all<AwaitHooks>(plan.enter).empty());
  EXPECT_TRUE(all<RunHook>(plan.enter).empty());
  EXPECT_TRUE(has(plan.enter, AttachRoot{"/"})) << "no path of the root has to be found again";
}

TEST(HookPlaces, InTheContainerAloneDoNotMakeTheHostWait) {
  ContainerSpec spec = bare_spec();
  spec.hooks.create_container = {hook("/container")};
  const Plan plan = plan_of(spec);
  EXPECT_TRUE(plan.meanwhile.empty());
  EXPECT_TRUE(all<AwaitHooks>(plan.enter).empty());
  EXPECT_TRUE(has(plan.enter, AttachRoot{"/srv/root"})) << "the hook knows the root by its path";
}

TEST(Lifetimes, OfItsOwnBeginDirectlyBeforeTheRendezvous) {
  ContainerSpec spec = bare_spec();
  spec.lifetime = Lifetime::its_own;
  const auto& enter = plan_of(spec).enter;
  ASSERT_LT(index_of(enter, OutliveParent{}), enter.size());
  EXPECT_EQ(index_of(enter, OutliveParent{}) + 1, index_of(enter, Rendezvous{}))
      << "until then it dies with MyDocker";
  for (std::size_t i = index_of(enter, OutliveParent{}); i < enter.size(); ++i) {
    EXPECT_FALSE(std::holds_alternative<DieWithParent>(enter[i].action)) << "nothing takes it back";
  }
  spec.lifetime = Lifetime::with_mydocker;
  EXPECT_TRUE(all<OutliveParent>(plan_of(spec).enter).empty());
}

TEST(Lifetimes, OfItsOwnHaveARecordThatIsNotOurs) {
  ContainerSpec spec = bare_spec();
  spec.lifetime = Lifetime::its_own;
  const Plan plan = plan_of(spec);
  EXPECT_TRUE(all<CreateRecord>(plan.prepare).empty());
  EXPECT_TRUE(has(plan.attach, RecordChild{"/run/mydocker/web"}));
}

TEST(ProcessAttributes, AreSetOnlyIfAskedForAndBeforeTheDrop) {
  ContainerSpec spec = bare_spec();
  const auto before = plan_of(spec).enter.size();
  Process& process = spec.process;
  process.rlimits = {{7, 100, 200}};
  process.scheduler = Scheduler{.policy = 3};
  process.io_priority = IoPriority{2, 4};
  process.final_affinity = "0-1";
  process.memory_policy = MemoryPolicy{3, 0, "0"};
  process.personality = 8;
  process.apparmor_profile = "profile";
  process.selinux_label = "label";
  process.oom_score_adj = -500;
  const Plan plan = plan_of(spec);
  EXPECT_EQ(plan.enter.size(), before + 8);
  for (const Action& action :
       {Action(SetRlimit{{7, 100, 200}}), Action(SetScheduler{{.policy = 3}}),
        Action(SetIoPriority{{2, 4}}), Action(SetAffinity{"0-1"}),
        Action(SetMemoryPolicy{{3, 0, "0"}}), Action(SetPersonality{8}),
        Action(SetExecLabel{"apparmor", "profile"}), Action(SetExecLabel{"selinux", "label"})}) {
    EXPECT_LT(index_of(plan.enter, PivotRoot{}), index_of(plan.enter, action)) << describe(action);
    EXPECT_LT(index_of(plan.enter, action), index_of(plan.enter, SetIds{process.user}))
        << describe(action);
  }
  EXPECT_TRUE(has(plan.attach, WriteFile{"/proc/<child>/oom_score_adj", "-500"}));
}

TEST(ProcessAttributes, KeepDescriptorsThatWereHandedIn) {
  ContainerSpec spec = bare_spec();
  spec.process.kept_descriptors = {3, 4};
  EXPECT_TRUE(has(plan_of(spec).enter, CloseOnExec{5}));
  spec.process.kept_descriptors = {3, 5, 9};
  EXPECT_TRUE(has(plan_of(spec).enter, CloseOnExec{4, {5, 9}}));
}

TEST(ProcessAttributes, MakeTheFolderToWorkInWhereAsked) {
  ContainerSpec spec = bare_spec();
  spec.process.workdir = "/w";
  spec.process.make_workdir = true;
  EXPECT_TRUE(has(plan_of(spec).enter, ChangeDirectory{"/w", true}));
}

TEST(ProcessAttributes, LeaveTheKeyringWhereAsked) {
  ContainerSpec spec = bare_spec();
  spec.process.new_keyring = false;
  EXPECT_TRUE(all<JoinSessionKeyring>(plan_of(spec).enter).empty());
}

}  // namespace
}  // namespace mydocker::test
