// The resctrl stage: its requests as values, since few machines have such a processor.
#include <cerrno>

#include "unit/samples.hpp"

namespace mydocker::test {
namespace {

ContainerSpec spec_with(IntelRdt rdt) {
  ContainerSpec spec = spec_of({"-a", "--name", "box", "/bin/true"});
  spec.intel_rdt = std::move(rdt);
  return spec;
}

HostFacts host_with_resctrl() {
  HostFacts facts = v2_host();
  facts.has_resctrl = true;
  return facts;
}

Plan plan_of(IntelRdt rdt) {
  return make_plan(stages(), spec_with(std::move(rdt)), host_with_resctrl());
}

TEST(Resctrl, MakesAGroupAndPutsTheChildIn) {
  const Plan plan = plan_of({.group = {}, .schemata = {"L3:0=f", "MB:0=50"}});
  EXPECT_TRUE(has(plan.prepare, MakeFolder{"/sys/fs/resctrl/box"}));
  EXPECT_TRUE(has(plan.prepare, WriteFile{"/sys/fs/resctrl/box/schemata", "L3:0=f\nMB:0=50\n"}));
  EXPECT_TRUE(has(plan.attach, WriteFile{"/sys/fs/resctrl/box/tasks", "<child>"}));
}

TEST(Resctrl, TheRootGroupIsNotMade) {
  const Plan plan = plan_of({.group = "/"});
  EXPECT_TRUE(all<MakeFolder>(plan.prepare).empty());
  EXPECT_TRUE(has(plan.attach, WriteFile{"/sys/fs/resctrl/tasks", "<child>"}));
}

TEST(Resctrl, CountersHaveAGroupOfTheirOwn) {
  const Plan plan = plan_of({.group = "shared", .schemata = {}, .monitoring = true});
  EXPECT_TRUE(has(plan.prepare, MakeFolder{"/sys/fs/resctrl/shared/mon_groups/box"}));
}

TEST(Resctrl, IsRefusedWhereTheHostHasNone) {
  try {
    static_cast<void>(make_plan(stages(), spec_with({}), v2_host()));
    FAIL() << "it was planned";
  } catch (const SetupError& error) {
    EXPECT_EQ(error.code().value(), EOPNOTSUPP);
    EXPECT_EQ(error.stage(), "resctrl");
  }
}

}  // namespace
}  // namespace mydocker::test
