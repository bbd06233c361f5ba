// The systemd driver's plan: what is asked in which order, and the refusal where no systemd runs.
#include <linux/sched.h>

#include <cerrno>

#include "unit/samples.hpp"

namespace mydocker::test {
namespace {

ContainerSpec spec_of_unit(const std::string& path) {
  ContainerSpec spec = spec_of({"-ac", "-M", "64m", "/bin/true"});
  spec.cgroup->driver = CgroupDriver::systemd;
  spec.cgroup->path = path;
  spec.cgroup->every_hierarchy = true;
  return spec;
}

HostFacts with_systemd(HostFacts facts) {
  facts.systemd_root = "";
  return facts;
}

constexpr const char* kPath = "machine.slice:libpod:box";
constexpr const char* kFolder = "machine.slice/libpod-box.scope";

std::size_t place_of_unit(const std::vector<Step>& steps) {
  std::size_t at = 0;
  while (at < steps.size() && !std::holds_alternative<StartUnit>(steps[at].action)) ++at;
  return at;
}

TEST(SystemdDriver, MakesTheUnitWhileTheChildWaitsThenLimitsIt) {
  const Plan plan = make_plan(stages(), spec_of_unit(kPath), with_systemd(v2_host()));
  const std::size_t unit = place_of_unit(plan.attach);
  ASSERT_LT(unit, plan.attach.size());
  const auto& started = std::get<StartUnit>(plan.attach[unit].action);
  EXPECT_EQ(started.unit, "libpod-box.scope");
  EXPECT_EQ(started.slice, "machine.slice");
  ASSERT_EQ(plan.attach[unit].undo.size(), 1U);
  EXPECT_EQ(std::get<StopUnit>(plan.attach[unit].undo[0]).unit, "libpod-box.scope");
  const WriteFile limit{std::string("/sys/fs/cgroup/") + kFolder + "/memory.max", "67108864"};
  ASSERT_TRUE(has(plan.attach, limit));
  EXPECT_GT(index_of(plan.attach, limit), unit);
  EXPECT_TRUE(plan.born_in.empty()) << "the folder is not there yet when the child is born";
  EXPECT_EQ(plan.clone_flags & CLONE_NEWCGROUP, 0U);
  EXPECT_TRUE(has(plan.enter, Unshare{CLONE_NEWCGROUP}));
}

TEST(SystemdDriver, TellsSystemdTheLimitsToo) {
  const Plan plan = make_plan(stages(), spec_of_unit(kPath), with_systemd(v2_host()));
  const auto& started = std::get<StartUnit>(plan.attach[place_of_unit(plan.attach)].action);
  const std::pair<std::string, std::string> wanted{"MemoryMax", "67108864"};
  EXPECT_NE(std::find(started.properties.begin(), started.properties.end(), wanted),
            started.properties.end());
}

UnitProperties told(const ContainerSpec& spec, const HostFacts& facts) {
  const Plan plan = make_plan(stages(), spec, with_systemd(facts));
  return std::get<StartUnit>(plan.attach[place_of_unit(plan.attach)].action).properties;
}

TEST(SystemdDriver, TellsWeightsToo) {
  ContainerSpec spec = spec_of_unit(kPath);
  spec.cgroup->resources.cpu.idle = 1;
  spec.cgroup->resources.block_io.weight = 10;
  const UnitProperties properties = told(spec, v2_host());
  for (const auto& [name, value] : UnitProperties{{"CPUWeight", "0"}, {"IOWeight", "1"}}) {
    EXPECT_NE(std::find(properties.begin(), properties.end(), std::pair(name, value)),
              properties.end())
        << name;
  }
}

TEST(SystemdDriver, TellsTheDevicesWhereSystemdWouldAllowAll) {
  ContainerSpec spec = spec_of_unit(kPath);
  spec.cgroup->resources.devices = {{false, 'a', {}, {}, "rwm"}};
  const std::pair<std::string, std::string> strict{"DevicePolicy", "strict"};
  HostFacts v1 = v1_host();
  v1.cgroups.hierarchies.push_back({1, "/sys/fs/cgroup/devices", {"devices"}, false, {}});
  for (const auto& [facts, is_told] : {std::pair(v1, true), std::pair(v2_host(), false)}) {
    const UnitProperties properties = told(spec, facts);
    EXPECT_EQ(std::find(properties.begin(), properties.end(), strict) != properties.end(), is_told);
  }
}

TEST(SystemdDriver, EnablesWhatALimitNeedsAndNoMore) {
  ContainerSpec spec = spec_of_unit(kPath);
  spec.cgroup->resources.hugepages = {{"2MB", 0}};
  HostFacts facts = with_systemd(v2_host());
  facts.cgroups.hierarchies.front().controllers.emplace_back("hugetlb");
  const Plan plan = make_plan(stages(), spec, facts);
  for (const auto& step : plan.attach) {
    const auto* const made = std::get_if<MakeCgroup>(&step.action);
    if (made == nullptr) continue;
    EXPECT_EQ(std::count(made->controllers.begin(), made->controllers.end(), "hugetlb"), 1);
    EXPECT_TRUE(made->holds_child);
    EXPECT_TRUE(made->wished.empty());
  }
}

TEST(SystemdDriver, ASliceHoldsNoContainer) {
  EXPECT_THROW(static_cast<void>(make_plan(stages(), spec_of_unit("pods.slice::pods-a.slice"),
                                           with_systemd(v2_host()))),
               SetupError);
}

TEST(SystemdDriver, OnVersion1TheChildMovesItselfWhereSystemdDoesNot) {
  const Plan plan = make_plan(stages(), spec_of_unit(kPath), with_systemd(v1_host()));
  EXPECT_TRUE(
      has(plan.enter, WriteFile{std::string("/sys/fs/cgroup/pids/") + kFolder + "/tasks", "0"}));
}

TEST(SystemdDriver, IsRefusedWhereNoSystemdRuns) {
  try {
    static_cast<void>(make_plan(stages(), spec_of_unit(kPath), v2_host()));
    FAIL() << "it was planned";
  } catch (const SetupError& error) {
    EXPECT_EQ(error.code().value(), EOPNOTSUPP);
    EXPECT_NE(error.hint().find("--cgroup-manager cgroupfs"), std::string::npos);
  }
}

TEST(SystemdDriver, WantsSlicePrefixAndName) {
  EXPECT_THROW(
      static_cast<void>(make_plan(stages(), spec_of_unit("/a/b"), with_systemd(v2_host()))),
      SetupError);
}

}  // namespace
}  // namespace mydocker::test
