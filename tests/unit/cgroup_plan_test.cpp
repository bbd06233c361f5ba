// The cgroup stage on every layout of hierarchies that a host can have.
#include <linux/sched.h>

#include "unit/samples.hpp"

namespace mydocker::test {
namespace {

const Words kLimited{"-ac", "-M", "64m", "-C", "50", "-P", "20", "-I", "100", "ls"};
const std::string kV2 = "/sys/fs/cgroup/mydocker/0123456789ab/";

// The container's folder on v2, with `controllers` enabled for it.
MakeCgroup folder_in(const std::string& top, const Words& controllers) {
  return {2, top, "mydocker/0123456789ab", controllers, {}, false};
}

std::vector<std::pair<std::string, std::string>> writes(const Plan& plan) {
  std::vector<std::pair<std::string, std::string>> out;
  for (const auto& write : all<WriteFile>(plan.prepare)) out.emplace_back(write.path, write.text);
  return out;
}

TEST(CgroupPlan, OnV2LimitsOneFolderAndTheChildIsBornInIt) {
  const Plan plan = plan_for(kLimited, v2_host());
  EXPECT_TRUE(has(plan.prepare, folder_in("/sys/fs/cgroup", {"memory", "cpu", "pids", "io"})));
  EXPECT_EQ(writes(plan),
            (std::vector<std::pair<std::string, std::string>>{{kV2 + "memory.max", "67108864"},
                                                              {kV2 + "memory.swap.max", "0"},
                                                              {kV2 + "cpu.weight", "50"},
                                                              {kV2 + "pids.max", "20"}}));
  EXPECT_TRUE(has(plan.prepare,
                  WriteWeight{{{kV2 + "io.bfq.weight", "100"}, {kV2 + "io.weight", "default 100"}},
                              all<WriteWeight>(plan.prepare).at(0).warning}));
  EXPECT_EQ(plan.born_in + "/", kV2);
  EXPECT_NE(plan.clone_flags & CLONE_NEWCGROUP, 0U);
  EXPECT_TRUE(all<Unshare>(plan.enter).empty());
  EXPECT_EQ(plan.notices, Words{});
}

TEST(CgroupPlan, OnV1LimitsAFolderAControllerAndTheChildEntersEach) {
  const Plan plan = plan_for(kLimited, v1_host());
  const auto folder = [](const std::string& name) {
    return "/sys/fs/cgroup/" + name + "/mydocker/0123456789ab/";
  };
  EXPECT_EQ(writes(plan), (std::vector<std::pair<std::string, std::string>>{
                              {folder("memory") + "memory.limit_in_bytes", "67108864"},
                              {folder("memory") + "memory.memsw.limit_in_bytes", "67108864"},
                              {folder("cpu,cpuacct") + "cpu.shares", "512"},
                              {folder("pids") + "pids.max", "20"}}));
  EXPECT_EQ(all<WriteWeight>(plan.prepare).at(0).files_and_texts,
            (std::vector<std::pair<std::string, std::string>>{
                {folder("blkio") + "blkio.bfq.weight", "100"},
                {folder("blkio") + "blkio.weight", "100"}}));
  for (const char* const name : {"memory", "cpu,cpuacct", "pids", "blkio"}) {
    EXPECT_TRUE(has(plan.enter, WriteFile{folder(name) + "tasks", "0"})) << name;
  }
  EXPECT_EQ(all<MakeCgroup>(plan.prepare).size(), 4U);
  EXPECT_EQ(plan.born_in, "");
}

TEST(CgroupPlan, OnV1TheChildMovesFirstAndThenMakesTheNamespace) {
  Words words = kLimited;
  words.front() = "-aUc";
  const Plan plan = plan_for(words, v1_host());
  for (std::size_t i = 0; i < 4; ++i) {
    const auto* const move = std::get_if<WriteFile>(&plan.enter[i].action);
    ASSERT_NE(move, nullptr) << "nothing runs before it is limited, nor after the ids are mapped";
    EXPECT_TRUE(move->path.ends_with("/tasks")) << move->path;
  }
  EXPECT_TRUE(plan.enter[4].action == Action(Unshare{CLONE_NEWCGROUP}));
  EXPECT_EQ(plan.clone_flags & CLONE_NEWCGROUP, 0U);
}

TEST(CgroupPlan, OnBothAtOnceTakesEachControllerWhereItIs) {
  const HostFacts facts = host_with(
      {v1({"memory"}, "/sys/fs/cgroup/memory"), v2({"pids", "cpu"}, "/sys/fs/cgroup/unified")});
  const Plan plan = plan_for(kLimited, facts);
  const std::string unified = "/sys/fs/cgroup/unified/mydocker/0123456789ab";
  EXPECT_TRUE(has(plan.prepare, folder_in("/sys/fs/cgroup/unified", {"cpu", "pids"})));
  EXPECT_TRUE(has(plan.prepare, MakeCgroup{1, "/sys/fs/cgroup/memory", "mydocker/0123456789ab"}));
  EXPECT_EQ(plan.born_in, unified);
  EXPECT_TRUE(has(plan.prepare, WriteFile{unified + "/pids.max", "20"}));
  EXPECT_TRUE(has(
      plan.prepare,
      WriteFile{"/sys/fs/cgroup/memory/mydocker/0123456789ab/memory.limit_in_bytes", "67108864"}));
  EXPECT_TRUE(has(plan.enter, Unshare{CLONE_NEWCGROUP}))
      << "one v1 hierarchy is enough to need the move first";
}

TEST(CgroupPlan, LeavesUnusedHierarchiesAlone) {
  HostFacts facts = v1_host();
  facts.cgroups.hierarchies.push_back(v1({"freezer"}, "/sys/fs/cgroup/freezer"));
  facts.cgroups.hierarchies.push_back(v2({}, "/sys/fs/cgroup/unified"));
  for (const auto& made : all<MakeCgroup>(plan_for(kLimited, facts).prepare)) {
    EXPECT_NE(made.top, "/sys/fs/cgroup/freezer");
    EXPECT_NE(made.top, "/sys/fs/cgroup/unified");
  }
}

TEST(CgroupPlan, TakesBackEveryFolderItMakes) {
  for (const auto& facts : {v2_host(), v1_host()}) {
    for (const auto& step : plan_for(kLimited, facts).prepare) {
      const auto* const made = std::get_if<MakeCgroup>(&step.action);
      if (made == nullptr) continue;
      ASSERT_EQ(step.undo.size(), 1U);
      EXPECT_TRUE(step.undo[0] == Action(RemoveCgroup{made->top, made->path}));
    }
  }
}

TEST(CgroupPlan, LeavesForALeafWhereTheTopHoldsProcesses) {
  HostFacts facts = v2_host();
  facts.cgroups.hierarchies[0].leave_for_leaf = true;
  EXPECT_TRUE(all<MakeCgroup>(plan_for(kLimited, facts).prepare).at(0).leave_for_leaf);
}

TEST(CgroupPlan, NeedsASwapFileOnlyWhereTheHostHasSwap) {
  HostFacts facts = v2_host();
  EXPECT_TRUE(has(plan_for(kLimited, facts).prepare,
                  WriteFile{kV2 + "memory.swap.max", "0", Missing::is_fine}));
  facts.has_swap = true;
  EXPECT_TRUE(has(plan_for(kLimited, facts).prepare,
                  WriteFile{kV2 + "memory.swap.max", "0", Missing::is_an_error}));
  EXPECT_TRUE(has(plan_for(kLimited, facts).prepare,
                  WriteFile{kV2 + "memory.max", "67108864", Missing::is_an_error}));
}

TEST(CgroupPlan, GivesAHundredPercentTheKernelsDefaultWeight) {
  const Words all_of_it{"-ac", "-C", "100", "ls"};
  EXPECT_TRUE(has(plan_for(all_of_it, v2_host()).prepare, WriteFile{kV2 + "cpu.weight", "100"}));
  EXPECT_TRUE(
      has(plan_for(all_of_it, v1_host()).prepare,
          WriteFile{"/sys/fs/cgroup/cpu,cpuacct/mydocker/0123456789ab/cpu.shares", "1024"}));
}

std::string message_without(const std::string& controller) {
  HostFacts facts = v2_host();
  std::erase(facts.cgroups.hierarchies[0].controllers, controller);
  try {
    static_cast<void>(plan_for(kLimited, facts));
  } catch (const SetupError& error) {
    return error.stage() + ": " + error.hint();
  }
  return "planned";
}

TEST(CgroupPlan, BreaksNoPromiseWhereAControllerIsMissing) {
  EXPECT_EQ(message_without("memory").find("cgroup: this host mounts no 'memory' controller"), 0U);
  EXPECT_EQ(message_without("pids").find("cgroup: this host mounts no 'pids' controller"), 0U);
  EXPECT_EQ(message_without("cpu"), "planned");
  EXPECT_EQ(message_without("io"), "planned");
}

std::size_t io_notices(const Words& words, bool works, bool has_controller) {
  HostFacts facts = has_controller ? v2_host() : host_with({v2({"memory", "cpu", "pids"})});
  facts.io_weight_works = works;
  return plan_for(words, facts).notices.size();
}

TEST(CgroupPlan, WarnsOfAnUselessWeightOnlyIfSomebodyGaveOne) {
  EXPECT_EQ(io_notices(kLimited, true, true), 0U);
  EXPECT_EQ(io_notices(kLimited, false, true), 1U);
  EXPECT_EQ(io_notices(kLimited, true, false), 1U);
  EXPECT_EQ(io_notices({"-ac", "-M", "64m", "ls"}, false, true), 0U)
      << "the default 10 comes with every -c";
  EXPECT_EQ(io_notices({"-ac", "-M", "64m", "ls"}, true, false), 0U);
}

TEST(CgroupPlan, WarnsOnceWhereNoFileTakesTheWeight) {
  HostFacts facts = v2_host();
  EXPECT_FALSE(all<WriteWeight>(plan_for(kLimited, facts).prepare).at(0).warning.empty());
  facts.io_weight_works = false;
  EXPECT_TRUE(all<WriteWeight>(plan_for(kLimited, facts).prepare).at(0).warning.empty())
      << "it was said before the start";
  EXPECT_TRUE(all<WriteWeight>(plan_for({"-ac", "-M", "64m", "ls"}).prepare).at(0).warning.empty());
}

TEST(CgroupPlan, MakesNoFolderWithoutLimits) {
  const Plan plan = plan_for({"-a", "ls"}, v1_host());
  EXPECT_TRUE(all<MakeCgroup>(plan.prepare).empty());
  EXPECT_NE(plan.clone_flags & CLONE_NEWCGROUP, 0U);
}

TEST(CgroupPlan, CountsForAReportWithoutLimiting) {
  const Plan plan = plan_for({"-a", "--report", "f", "ls"}, v2_host());
  EXPECT_TRUE(has(plan.prepare, folder_in("/sys/fs/cgroup", {"memory", "cpu", "pids"})));
  EXPECT_EQ(writes(plan).size(), 0U);
  EXPECT_NO_THROW(static_cast<void>(plan_for({"-a", "--report", "f", "ls"}, host_with({}))));
}

}  // namespace
}  // namespace mydocker::test
