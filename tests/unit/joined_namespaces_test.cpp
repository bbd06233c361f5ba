// Namespaces that exist already: opened on the host, entered where their turn is, never made anew.
#include <linux/sched.h>

#include "unit/samples.hpp"

namespace mydocker::test {
namespace {

struct Kind {
  NamespaceUse Namespaces::*use;
  std::uint64_t flag;
  std::string_view stage;
};

constexpr Kind kEnteredInTheChild[] = {{&Namespaces::network, CLONE_NEWNET, "network"},
                                       {&Namespaces::uts, CLONE_NEWUTS, "uts"},
                                       {&Namespaces::ipc, CLONE_NEWIPC, "ipc"},
                                       {&Namespaces::mount, CLONE_NEWNS, "mount"}};
constexpr Kind kEnteredFirst[] = {{&Namespaces::user, CLONE_NEWUSER, "user"},
                                  {&Namespaces::pid, CLONE_NEWPID, "pid"}};

Plan plan_joining(const Kind& kind, const std::string& path) {
  ContainerSpec spec = spec_of({"-a", "ls"});
  spec.namespaces.*kind.use = joined(path);
  return plan_of(spec);
}

TEST(JoinedNamespaces, AreOpenedOnTheHostAndEnteredInTheChild) {
  for (const Kind& kind : kEnteredInTheChild) {
    const Plan plan = plan_joining(kind, "/run/ns");
    const OpenNamespace opened{kind.flag, "/run/ns"};
    const JoinNamespaces entered{kind.flag};
    ASSERT_TRUE(has(plan.prepare, opened)) << kind.stage;
    ASSERT_TRUE(has(plan.enter, entered)) << kind.stage;
    EXPECT_EQ(plan.prepare[index_of(plan.prepare, opened)].stage, kind.stage);
    EXPECT_EQ(plan.enter[index_of(plan.enter, entered)].stage, kind.stage);
    EXPECT_EQ(plan.clone_flags & kind.flag, 0U) << kind.stage << " is not made as well";
    EXPECT_EQ(plan.join_first, 0U) << kind.stage;
  }
}

TEST(JoinedNamespaces, OfUsersAndPidsAreEnteredBeforeClone) {
  for (const Kind& kind : kEnteredFirst) {
    const Plan plan = plan_joining(kind, "/run/ns");
    EXPECT_TRUE(has(plan.prepare, OpenNamespace{kind.flag, "/run/ns"})) << kind.stage;
    EXPECT_EQ(plan.join_first, kind.flag);
    EXPECT_EQ(plan.clone_flags & kind.flag, 0U) << kind.stage;
    EXPECT_TRUE(all<JoinNamespaces>(plan.enter).empty()) << kind.stage;
  }
  ContainerSpec spec = spec_of({"-a", "ls"});
  spec.namespaces.user = joined("/proc/7/ns/user");
  spec.namespaces.pid = joined("/proc/7/ns/pid");
  EXPECT_EQ(plan_of(spec).join_first, std::uint64_t{CLONE_NEWUSER | CLONE_NEWPID});
}

TEST(JoinedNamespaces, OfUsersHaveTheirMapsAlready) {
  ContainerSpec spec = spec_of({"-aU", "ls"});
  spec.namespaces.user = joined("/proc/7/ns/user");
  const Plan plan = plan_of(spec);
  EXPECT_FALSE(writes_id_maps(plan));
  EXPECT_TRUE(plan.enter.front().action == Action(SetIds{User{0, 0, {}}}))
      << "files made from here on have an owner inside";
}

TEST(JoinedNamespaces, OfNetworksHaveTheirLoopbackAlready) {
  EXPECT_TRUE(all<RaiseLoopback>(plan_joining(kEnteredInTheChild[0], "/run/ns").enter).empty());
}

TEST(JoinedNamespaces, OfUtsTakeAHostnameOnlyIfOneIsAskedFor) {
  ContainerSpec spec = bare_spec();
  spec.namespaces.uts = joined("/run/uts");
  spec.hostname = "web";
  spec.domainname = "example";
  const auto& named = plan_of(spec).enter;
  EXPECT_LT(index_of(named, JoinNamespaces{CLONE_NEWUTS}), index_of(named, SetHostname{"web"}));
  EXPECT_LT(index_of(named, SetHostname{"web"}), index_of(named, SetDomainname{"example"}));
  ASSERT_TRUE(has(named, SetDomainname{"example"}));
  spec.hostname.clear();
  spec.domainname.clear();
  EXPECT_TRUE(all<SetHostname>(plan_of(spec).enter).empty());
  EXPECT_TRUE(all<SetDomainname>(plan_of(spec).enter).empty());
}

TEST(JoinedNamespaces, OfMountsBringARootOfTheirOwn) {
  ContainerSpec spec = spec_of({"-a", "--tty", "--volume", "/a:/b", "ls"});
  spec.namespaces.mount = joined("/proc/7/ns/mnt");
  const Plan plan = plan_of(spec);
  EXPECT_TRUE(all<OpenTree>(plan.prepare).empty());
  EXPECT_TRUE(all<MountFileSystem>(plan.enter).empty());
  EXPECT_TRUE(all<MaskPath>(plan.enter).empty());
  EXPECT_TRUE(all<PivotRoot>(plan.enter).empty());
  ASSERT_EQ(all<OpenTerminal>(plan.enter).size(), 1U);
  EXPECT_EQ(all<OpenTerminal>(plan.enter)[0].console, ConsoleFile::untouched)
      << "/dev/console is its first process's";
}

TEST(InheritedNamespaces, AreLeftAlone) {
  ContainerSpec spec = spec_of({"-a", "ls"});
  for (NamespaceUse Namespaces::*const use :
       {&Namespaces::network, &Namespaces::uts, &Namespaces::ipc, &Namespaces::pid}) {
    spec.namespaces.*use = {};
  }
  const Plan plan = plan_of(spec);
  EXPECT_EQ(plan.clone_flags & (CLONE_NEWNET | CLONE_NEWUTS | CLONE_NEWIPC | CLONE_NEWPID), 0U);
  EXPECT_TRUE(all<RaiseLoopback>(plan.enter).empty()) << "the host's interface is the host's";
  EXPECT_TRUE(all<JoinNamespaces>(plan.enter).empty());
  EXPECT_TRUE(all<OpenNamespace>(plan.prepare).empty());
}

TEST(NetworkDevices, MoveIntoTheNetworkWhileTheChildWaits) {
  ContainerSpec spec = bare_spec();
  spec.namespaces.network = kNewNamespace;
  spec.network_devices = {{"veth7", "eth0"}};
  EXPECT_TRUE(has(plan_of(spec).attach, MoveNetworkDevice{"veth7", "eth0"}));
}

}  // namespace
}  // namespace mydocker::test
