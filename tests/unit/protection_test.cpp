// Capabilities, settings of the kernel and descriptors, as the command line asks for them.
#include <linux/capability.h>
#include <sys/resource.h>

#include <algorithm>
#include <numeric>

#include "spec/defaults.hpp"
#include "spec/sysctls.hpp"
#include "unit/samples.hpp"

namespace mydocker::test {
namespace {

std::vector<int> bounding(const Words& options) {
  Words words{"-a"};
  words.insert(words.end(), options.begin(), options.end());
  words.emplace_back("ls");
  return spec_of(words).process.capabilities.bounding;
}

std::vector<int> usual(const std::vector<int>& without = {}, const std::vector<int>& with = {}) {
  std::vector<int> out = default_capabilities(true).bounding;
  std::erase_if(out, [&](int each) {
    return std::find(without.begin(), without.end(), each) != without.end();
  });
  out.insert(out.end(), with.begin(), with.end());
  std::sort(out.begin(), out.end());
  return out;
}

std::vector<int> every() {
  std::vector<int> out(CAP_LAST_CAP + 1);
  std::iota(out.begin(), out.end(), 0);
  return out;
}

TEST(CapabilityOptions, AddAndDropInDockersWords) {
  EXPECT_EQ(bounding({}), usual());
  EXPECT_EQ(bounding({"--cap-add", "NET_RAW"}), usual({}, {CAP_NET_RAW}));
  EXPECT_EQ(bounding({"--cap-add=cap_net_raw", "--cap-add", "Cap_Net_Raw"}),
            usual({}, {CAP_NET_RAW}));
  EXPECT_EQ(bounding({"--cap-drop", "chown", "--cap-drop", "KILL"}), usual({CAP_CHOWN, CAP_KILL}));
  EXPECT_EQ(bounding({"--cap-drop", "ALL"}), std::vector<int>{});
  EXPECT_EQ(bounding({"--cap-drop", "all", "--cap-add", "KILL"}), std::vector<int>{CAP_KILL});
  EXPECT_EQ(bounding({"--cap-add", "KILL", "--cap-drop", "KILL"}), usual()) << "as docker has it";
  EXPECT_EQ(bounding({"--cap-add", "ALL"}), every());
  std::vector<int> most = every();
  std::erase(most, CAP_SYS_ADMIN);
  EXPECT_EQ(bounding({"--cap-add", "ALL", "--cap-drop", "SYS_ADMIN"}), most);
}

TEST(CapabilityOptions, FillTheFiveSetsOfRoot) {
  const CapabilitySets sets = spec_of({"-a", "--cap-add", "NET_RAW", "ls"}).process.capabilities;
  EXPECT_EQ(sets.effective, sets.bounding);
  EXPECT_EQ(sets.permitted, sets.bounding);
  EXPECT_TRUE(sets.inheritable.empty());
  EXPECT_TRUE(sets.ambient.empty());
}

TEST(CapabilityOptions, GiveAnOrdinaryUserWhatIsAddedAndNoMore) {
  const CapabilitySets none = spec_of({"-a", "-u", "app", "ls"}).process.capabilities;
  EXPECT_EQ(none, (CapabilitySets{.bounding = usual()}));
  const CapabilitySets sets =
      spec_of({"-a", "-u", "app", "--cap-add", "NET_RAW", "ls"}).process.capabilities;
  EXPECT_EQ(sets.bounding, usual({}, {CAP_NET_RAW}));
  for (const auto& set : {sets.effective, sets.permitted, sets.inheritable, sets.ambient})
    EXPECT_EQ(set, std::vector<int>{CAP_NET_RAW});
}

TEST(CapabilityOptions, RefuseNamesThatNobodyKnows) {
  EXPECT_EQ(refusal_of({"-a", "--cap-add", "NET_ROW", "ls"}),
            "--cap-add 'NET_ROW': allowed are ALL and names of capabilities(7), as in NET_RAW");
  EXPECT_EQ(refusal_of({"-a", "--cap-drop", "", "ls"}),
            "--cap-drop '': allowed are ALL and names of capabilities(7), as in NET_RAW");
  EXPECT_NE(refusal_of({"-a", "--cap-add", "41", "ls"}), "it was accepted");
}

TEST(CapabilityOptions, LeaveNothingAboveWhatTheKernelKnows) {
  HostFacts old = v2_host();
  old.last_capability = CAP_AUDIT_READ;
  const Plan plan = plan_for({"-a", "--cap-add", "ALL", "ls"}, old);
  EXPECT_EQ(all<SetCapabilities>(plan.enter).at(0).sets.permitted.back(), CAP_AUDIT_READ);
  EXPECT_EQ(plan.notices,
            (std::vector<std::string>{
                "the capability perfmon is not there to be kept: this kernel does not know it",
                "the capability bpf is not there to be kept: this kernel does not know it",
                "the capability checkpoint_restore is not there to be kept: this kernel does not "
                "know it"}));
  HostFacts newer = v2_host();
  newer.last_capability = 45;
  const auto dropped = all<DropBounding>(plan_for({"-a", "ls"}, newer).enter).at(0).capabilities;
  EXPECT_EQ(dropped.back(), 45);
}

TEST(CapabilityOptions, SayWhatMyDockerCannotGive) {
  HostFacts facts = v2_host();
  facts.lacking_capabilities = {CAP_SYS_RESOURCE};
  const Plan plan = plan_for({"-a", "--cap-add", "SYS_RESOURCE", "ls"}, facts);
  EXPECT_EQ(plan.notices,
            std::vector<std::string>{
                "the capability sys_resource is not there to be kept: MyDocker lacks it itself"});
  EXPECT_EQ(all<SetCapabilities>(plan.enter).at(0).sets.bounding, usual());
}

TEST(CapabilityOptions, ThatReachDevicesBringACgroupThatShutsThem) {
  for (const char* const name : {"MKNOD", "SYS_ADMIN", "ALL"}) {
    const ContainerSpec spec = spec_of({"-a", "--cap-add", name, "ls"});
    ASSERT_TRUE(spec.cgroup) << name;
    EXPECT_EQ(spec.cgroup->resources.devices, std::vector<DeviceRule>{DeviceRule{}});
    EXPECT_FALSE(spec_of({"-aU", "--cap-add", name, "ls"}).cgroup)
        << "no device can be made in a user namespace";
  }
  const Plan plan = plan_for({"-a", "--name", "x", "--cap-add", "MKNOD", "ls"});
  EXPECT_EQ(plan.born_in, "/sys/fs/cgroup/mydocker/x");
  EXPECT_LT(index_of(plan.prepare, all<MakeCgroup>(plan.prepare).at(0)),
            index_of(plan.prepare, all<AllowDevices>(plan.prepare).at(0)));
  EXPECT_FALSE(spec_of({"-a", "--cap-add", "NET_ADMIN", "ls"}).cgroup);
  const ContainerSpec limited = spec_of({"-ac", "-P", "99", "--cap-add", "MKNOD", "ls"});
  EXPECT_EQ(limited.cgroup->resources.pids, 99);
  EXPECT_FALSE(limited.cgroup->resources.devices.empty());
}

TEST(SysctlOptions, AreThoseOfNamespaces) {
  const ContainerSpec spec =
      spec_of({"-a", "--sysctl", "net.ipv4.ip_forward=1", "--sysctl", "kernel.sem=1 2 3 4",
               "--sysctl", "net/ipv4/conf/eth0.1/arp_filter=1", "--sysctl",
               "kernel.domainname=example", "--sysctl", "fs.mqueue.msg_max=20", "ls"});
  EXPECT_EQ(spec.domainname, "example") << "by setdomainname(2)";
  const std::vector<Sysctl> last(spec.sysctls.end() - 4, spec.sysctls.end());
  EXPECT_EQ(last, (std::vector<Sysctl>{{"net.ipv4.ip_forward", "1"},
                                       {"kernel.sem", "1 2 3 4"},
                                       {"net.ipv4.conf.eth0/1.arp_filter", "1"},
                                       {"fs.mqueue.msg_max", "20"}}));
}

TEST(SysctlOptions, OfTheWholeHostAreRefusedByName) {
  const auto refusal = [](const std::string& text) {
    return refusal_of({"-a", "--sysctl", text, "ls"});
  };
  const std::string hosts = "belongs to no namespace: it would change for the whole host";
  // CVE-2022-0811: a list in the place of a name.
  for (const char* const text :
       {"kernel.core_pattern=|/x", "kernel.shm_rmid_forced+kernel.core_pattern=|/x",
        "kernel.modprobe=/x", "vm.drop_caches=3", "kernel.hostname2=x", "fs.file-max=1",
        "kernel/core_pattern=x", "kernel.msgmax2=1"}) {
    const std::string found = refusal(text);
    EXPECT_TRUE(found.ends_with(hosts) || found.ends_with("no name of a setting")) << found;
    EXPECT_TRUE(found.starts_with("--sysctl '" + std::string(text) + "': ")) << found;
  }
  for (const char* const text :
       {"net.a+b=c", "net..a=1", "net./../../x=1", "net.a b=1", "net.=1", "net.ipv4.conf.a\nb=1"})
    EXPECT_TRUE(refusal(text).ends_with(": no name of a setting")) << refusal(text);
  EXPECT_TRUE(refusal("kernel.hostname=x").ends_with(": --hostname is there for it"));
  EXPECT_TRUE(
      refusal("net.ipv4.ip_forward=1\n2").ends_with(": the value holds control characters"));
  for (const char* const text : {"net.ipv4.ip_forward", "=1", "net.ipv4.ip_forward=", ""})
    EXPECT_TRUE(refusal(text).ends_with("allowed are NAME=VALUE, as in net.ipv4.ip_forward=1"));
}

TEST(SysctlOptions, OfAUserNamespaceNeedOne) {
  const std::string text = "user.max_net_namespaces=3";
  EXPECT_NE(refusal_of({"-a", "--sysctl", text, "ls"}).find("no user namespace of its own"),
            std::string::npos);
  const ContainerSpec spec = spec_of({"-aU", "--sysctl", text, "ls"});
  EXPECT_EQ(spec.sysctls.back(), (Sysctl{"user.max_net_namespaces", "3"}));
  EXPECT_EQ(spec.sysctls.front(), (Sysctl{"user.max_user_namespaces", "0"}));
}

TEST(KeptDescriptors, AreTheOnesThatAreOpen) {
  const ContainerSpec spec =
      spec_of({"-a", "--keep-fd", "7", "--keep-fd=3", "--keep-fd", "7", "ls"});
  EXPECT_EQ(spec.process.kept_descriptors, (std::vector<unsigned>{3, 7}));
  const Plan plan = plan_of(spec);
  EXPECT_TRUE(has(plan.enter, CloseOnExec{4, {7}}));
  EXPECT_EQ(all<RestrictFiles>(plan.enter).at(0).descriptors,
            (std::vector<unsigned>{0, 1, 2, 3, 7}));
  EXPECT_EQ(refusal_of({"-a", "--keep-fd", "10", "ls"}),
            "--keep-fd '10': that descriptor is not open");
  for (const char* const text : {"0", "2", "-1", "x", "", "1048576", "99999999999999999999"}) {
    EXPECT_EQ(refusal_of({"-a", "--keep-fd", text, "ls"}),
              "--keep-fd '" + std::string(text) +
                  "': allowed are the numbers of open descriptors from 3 on");
  }
}

TEST(Protection, LeavesNoCoreFile) {
  EXPECT_EQ(spec_of({"-a", "ls"}).process.rlimits, (std::vector<Rlimit>{{RLIMIT_CORE, 0, 0}}));
}

TEST(ShortForms, MeanTheLongOnes) {
  const auto spec = spec_of({"-ta", "-e", "A=1", "-v/a:/b:ro", "-w", "/tmp", "-u", "app", "ls"});
  EXPECT_EQ(spec, spec_of({"-a", "--tty", "--env", "A=1", "--volume", "/a:/b:ro", "--workdir",
                           "/tmp", "--user", "app", "ls"}));
}

TEST(Masks, OfEachProcessorAreMadeWhereTheKernelHasThem) {
  const auto masks = [](unsigned cpus) {
    HostFacts facts = v2_host();
    facts.throttling_cpus = cpus;
    std::vector<std::string> out;
    for (const auto& mask : all<MaskPath>(plan_for({"-a", "ls"}, facts).enter)) {
      if (mask.path.find("thermal") != std::string::npos) out.push_back(mask.path);
    }
    return out;
  };
  EXPECT_EQ(masks(0), Words{});
  EXPECT_EQ(masks(2), (Words{"/sys/devices/system/cpu/cpu0/thermal_throttle",
                             "/sys/devices/system/cpu/cpu1/thermal_throttle"}));
}

}  // namespace
}  // namespace mydocker::test
