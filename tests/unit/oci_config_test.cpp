// config.json becomes a spec: everything at once, nothing at all, and what engines write.
#include <linux/ioprio.h>
#include <linux/mempolicy.h>
#include <sys/resource.h>

#include <fstream>
#include <sstream>

#include "support/run.hpp"
#include "unit/oci_samples.hpp"

namespace mydocker::test {
namespace {

std::string content_of(const std::string& name) {
  std::ostringstream out;
  out << std::ifstream(project() + "/tests/unit/data/" + name, std::ios::binary).rdbuf();
  return out.str();
}

NamespaceUse joined(const char* path) { return {NamespaceUse::Kind::joined, path}; }

TEST(OciConfig, SaysNothingAndGetsOciDefaults) {
  const auto config = loaded(R"({})");
  ContainerSpec want;
  want.id = "box";
  want.hostname = "";
  want.namespaces.mount = want.namespaces.pid = kNewNamespace;
  want.process.argv = {"sh"};
  want.process.make_workdir = true;
  want.process.no_new_privileges = false;
  want.root.path = "/srv/bundle/rootfs";
  want.root.flags = {};
  want.masks.file = Masks::File::empty;
  want.devices = {{"/dev/null", 'c', 1, 3},   {"/dev/zero", 'c', 1, 5},    {"/dev/full", 'c', 1, 7},
                  {"/dev/random", 'c', 1, 8}, {"/dev/urandom", 'c', 1, 9}, {"/dev/tty", 'c', 5, 0}};
  want.cgroup = CgroupRequest{.path = "/mydocker/box", .every_hierarchy = true};
  want.seccomp = Unconfined{};
  want.lifetime = Lifetime::its_own;
  EXPECT_EQ(config.spec, want);
  EXPECT_EQ(config.version, "1.3.0");
  EXPECT_TRUE(config.has_process);
  EXPECT_EQ(config.warnings, Lines{});
}

TEST(OciConfig, NeedsNoProcessToBeCreated) {
  const auto config = loaded(R"({"process": null})");
  EXPECT_FALSE(config.has_process);
  EXPECT_FALSE(config.spec.process.no_new_privileges);
}

TEST(OciConfig, TakesTheCallersWords) {
  auto options = load_options();
  options.new_keyring = false;
  options.kept_descriptors = {3, 4, 5};
  options.driver = CgroupDriver::systemd;
  const auto spec = oci::load_config(kSmallConfig, options).spec;
  EXPECT_FALSE(spec.process.new_keyring);
  EXPECT_EQ(spec.process.kept_descriptors, (std::vector<unsigned>{3, 4, 5}));
  EXPECT_EQ(spec.cgroup->path, "system.slice:mydocker:box");
  options.rootless = true;
  EXPECT_EQ(oci::load_config(kSmallConfig, options).spec.cgroup->path, "user.slice:mydocker:box");
  options.cgroups = false;
  EXPECT_EQ(oci::load_config(kSmallConfig, options).spec.cgroup, std::nullopt);
}

TEST(OciConfig, PassesOverWhatItDoesNotKnow) {
  const auto plain = spec_with(R"({})");
  EXPECT_EQ(spec_with(R"({"windows": {"layerFolders": 5}, "solaris": {}, "vm": {}, "zos": {},
                          "freebsd": {}, "process": {"commandLine": "x.exe", "new": 1},
                          "linux": {"futureThing": []}})"),
            plain);
}

TEST(OciConfig, ReadsTheProcess) {
  const auto process = spec_with(R"({"process": {
    "terminal": true, "consoleSize": {"height": 50, "width": 132},
    "user": {"uid": 1000, "gid": 1001, "umask": 63, "additionalGids": [5, 4294967294]},
    "args": ["/bin/sh", "-c", ""], "env": ["PATH=/bin", "EMPTY="], "cwd": "/srv",
    "capabilities": {"bounding": ["CAP_KILL", "chown", "CAP_CHOWN"], "permitted": ["Cap_Kill"],
      "effective": ["CAP_KILL"], "inheritable": ["CAP_KILL"], "ambient": ["CAP_KILL"]},
    "rlimits": [{"type": "RLIMIT_NOFILE", "soft": 1024, "hard": 18446744073709551615}],
    "noNewPrivileges": true, "oomScoreAdj": -1000,
    "scheduler": {"policy": "SCHED_DEADLINE", "nice": -5, "runtime": 1, "deadline": 2, "period": 3,
      "flags": ["SCHED_FLAG_RESET_ON_FORK", "SCHED_FLAG_DL_OVERRUN"]},
    "ioPriority": {"class": "IOPRIO_CLASS_IDLE", "priority": 7},
    "apparmorProfile": "profile", "selinuxLabel": "a:b:c:s0",
    "execCPUAffinity": {"initial": "7", "final": "0-3,7"}},
    "linux": {"personality": {"domain": "LINUX32", "flags": []},
      "memoryPolicy": {"mode": "MPOL_WEIGHTED_INTERLEAVE", "nodes": "0-1",
                       "flags": ["MPOL_F_STATIC_NODES"]}}})")
                           .process;
  Process want;
  want.argv = {"/bin/sh", "-c", ""};
  want.environment = {"PATH=/bin", "EMPTY="};
  want.workdir = "/srv";
  want.make_workdir = true;
  want.user = {1000, 1001, {5, 4294967294}};
  want.umask = 077;
  want.terminal = Terminal{{true, true, true}, 50, 132};
  want.capabilities = {{0, 5}, {5}, {5}, {5}, {5}};
  want.rlimits = {{RLIMIT_NOFILE, 1024, RLIM_INFINITY}};
  want.no_new_privileges = true;
  want.oom_score_adj = -1000;
  want.scheduler = Scheduler{6, -5, 0, 0x05, 1, 2, 3};
  want.io_priority = IoPriority{IOPRIO_CLASS_IDLE, 7};
  want.personality = 8;
  want.memory_policy = MemoryPolicy{6, MPOL_F_STATIC_NODES, "0-1"};
  want.initial_affinity = "7";
  want.final_affinity = "0-3,7";
  want.apparmor_profile = "profile";
  want.selinux_label = "a:b:c:s0";
  EXPECT_EQ(process, want);
}

TEST(OciConfig, IgnoresTheSizeOfNoTerminal) {
  const auto spec = spec_with(R"({"process": {"consoleSize": {"height": -1}}})");
  EXPECT_EQ(spec.process.terminal, std::nullopt);
}

TEST(OciConfig, ReadsWhatTheContainerIsMadeOf) {
  const auto spec = spec_with(R"({
    "root": {"path": "/images/a", "readonly": true}, "hostname": "name", "domainname": "domain",
    "annotations": {"org.example.b": "", "org.example.a": "1"},
    "linux": {
      "namespaces": [{"type": "mount"}, {"type": "pid", "path": "/proc/1/ns/pid"}, {"type": "user"},
        {"type": "network", "path": "/run/netns/a"}, {"type": "ipc"}, {"type": "uts"},
        {"type": "cgroup", "path": ""}, {"type": "time"}],
      "uidMappings": [{"containerID": 0, "hostID": 100000, "size": 65536}],
      "gidMappings": [{"containerID": 0, "hostID": 0, "size": 4294967295}],
      "timeOffsets": {"monotonic": {"secs": -5, "nanosecs": 999999999}, "boottime": {}},
      "devices": [{"path": "/dev/fuse", "type": "u", "major": 10, "minor": 229, "fileMode": 33206,
                   "uid": 1, "gid": 2},
                  {"path": "/run/pipe", "type": "p", "fileMode": 384},
                  {"path": "/dev/null", "type": "c", "major": 1, "minor": 3, "fileMode": 420}],
      "netDevices": {"eth0": {"name": "inside%d"}, "eth1": {}},
      "sysctl": {"net/ipv4/conf/eth0.1/arp_filter": "1", "kernel.shmmax": "5",
                 "fs.mqueue.msg_max": "10", "kernel.domainname": "d", "user.max_uts_namespaces": "2"},
      "rootfsPropagation": "rslave", "mountLabel": "a:b:c:s0",
      "maskedPaths": ["/proc/kcore"], "readonlyPaths": ["/proc/sys"],
      "intelRdt": {"closID": "group", "l3CacheSchema": "L3:0=f\nL3:1=f", "memBwSchema": "MB:0=20",
                   "schemata": ["L2:0=f"], "enableMBM": true}}})");
  EXPECT_EQ(spec.root,
            (Root{"/images/a", true, {}, false, MountPropagation{Propagation::slave, true}}));
  EXPECT_EQ(spec.hostname, "name");
  EXPECT_EQ(spec.domainname, "domain");
  const Namespaces namespaces{.user = kNewNamespace,
                              .cgroup = kNewNamespace,
                              .network = joined("/run/netns/a"),
                              .uts = kNewNamespace,
                              .ipc = kNewNamespace,
                              .pid = joined("/proc/1/ns/pid"),
                              .mount = kNewNamespace,
                              .time = kNewNamespace};
  EXPECT_EQ(spec.namespaces, namespaces);
  EXPECT_EQ(spec.uid_map, (std::vector<IdRange>{{0, 100000, 65536}}));
  EXPECT_EQ(spec.gid_map, (std::vector<IdRange>{{0, 0, 4294967295}}));
  EXPECT_EQ(spec.time_offsets,
            (std::vector<TimeOffset>{{"boottime", 0, 0}, {"monotonic", -5, 999999999}}));
  ASSERT_EQ(spec.devices.size(), 8U);
  EXPECT_EQ(spec.devices[0], (Device{"/dev/fuse", 'c', 10, 229, 0666, 1, 2}));
  EXPECT_EQ(spec.devices[1], (Device{"/run/pipe", 'p', 0, 0, 0600, 0, 0}));
  EXPECT_EQ(spec.devices[2], (Device{"/dev/null", 'c', 1, 3, 0644, 0, 0}));
  EXPECT_EQ(spec.devices[3], (Device{"/dev/zero", 'c', 1, 5}));
  EXPECT_EQ(spec.network_devices,
            (std::vector<NetworkDevice>{{"eth0", "inside%d"}, {"eth1", "eth1"}}));
  EXPECT_EQ(spec.sysctls, (std::vector<Sysctl>{{"fs.mqueue.msg_max", "10"},
                                               {"kernel.domainname", "d"},
                                               {"kernel.shmmax", "5"},
                                               {"net.ipv4.conf.eth0/1.arp_filter", "1"},
                                               {"user.max_uts_namespaces", "2"}}));
  EXPECT_EQ(spec.mount_label, "a:b:c:s0");
  EXPECT_EQ(spec.masks, (Masks{{"/proc/kcore"}, {"/proc/sys"}, Masks::File::empty}));
  EXPECT_EQ(spec.intel_rdt, (IntelRdt{"group", {"L3:0=f", "L3:1=f", "MB:0=20", "L2:0=f"}, true}));
  const std::vector<std::pair<std::string, std::string>> annotations{{"org.example.a", "1"},
                                                                     {"org.example.b", ""}};
  EXPECT_EQ(spec.annotations, annotations);
}

TEST(OciConfig, ReadsHooks) {
  using std::chrono::seconds;
  const auto hooks = spec_with(R"({"hooks": {
    "prestart": [{"path": "/a"}], "createRuntime": [{"path": "/b", "args": ["b", "x"]}],
    "createContainer": [{"path": "/c", "env": ["A=1"]}],
    "startContainer": [{"path": "/d", "timeout": 5}], "poststart": [{"path": "/e"}, {"path": "/f"}],
    "poststop": []}})")
                         .hooks;
  Hooks want;
  want.prestart = {{"/a", {}, {}, {}}};
  want.create_runtime = {{"/b", {"b", "x"}, {}, {}}};
  want.create_container = {{"/c", {}, {"A=1"}, {}}};
  want.start_container = {{"/d", {}, {}, seconds(5)}};
  want.poststart = {{"/e", {}, {}, {}}, {"/f", {}, {}, {}}};
  EXPECT_EQ(hooks, want);
}

TEST(OciConfig, ReadsSeccomp) {
  const auto spec = spec_with(R"({"linux": {"seccomp": {
    "defaultAction": "SCMP_ACT_ERRNO", "defaultErrnoRet": 38,
    "architectures": ["SCMP_ARCH_X86_64", "SCMP_ARCH_X32"],
    "flags": ["SECCOMP_FILTER_FLAG_LOG"], "listenerPath": "/run/agent", "listenerMetadata": "m",
    "syscalls": [
      {"names": ["read", "write"], "action": "SCMP_ACT_ALLOW"},
      {"names": ["clone"], "action": "SCMP_ACT_TRACE", "errnoRet": 65535, "args": [
        {"index": 5, "value": 18446744073709551615, "valueTwo": 1, "op": "SCMP_CMP_MASKED_EQ"}]},
      {"names": ["mknod"], "action": "SCMP_ACT_NOTIFY"},
      {"names": ["reboot"], "action": "SCMP_ACT_KILL", "args": []}]}}})");
  SeccompProfile want;
  want.default_error = 38;
  want.architectures = {"SCMP_ARCH_X86_64", "SCMP_ARCH_X32"};
  want.flags = {"SECCOMP_FILTER_FLAG_LOG"};
  want.listener_path = "/run/agent";
  want.listener_metadata = "m";
  want.rules = {
      {{"read", "write"}, SeccompAction::allow, {}, {}},
      {{"clone"}, SeccompAction::trace, 65535, {{5, UINT64_MAX, 1, SeccompOperator::masked_eq}}},
      {{"mknod"}, SeccompAction::notify, {}, {}},
      {{"reboot"}, SeccompAction::kill_thread, {}, {}}};
  EXPECT_EQ(spec.seccomp, SeccompChoice{want});
}

TEST(OciConfig, ForgetsAListenerThatNobodyNotifies) {
  const auto spec = spec_with(
      R"({"linux": {"seccomp": {"defaultAction": "SCMP_ACT_ALLOW", "listenerPath": "/a"}}})");
  EXPECT_EQ(std::get<SeccompProfile>(spec.seccomp).listener_path, "");
}

TEST(OciConfig, ReadsWhatPodmanWrites) {
  const auto config = oci::load_config(content_of("podman.json"), load_options());
  EXPECT_EQ(config.warnings, Lines{});
  const ContainerSpec& spec = config.spec;
  EXPECT_EQ(spec.process.capabilities.bounding.size(), 11U);
  EXPECT_EQ(spec.process.capabilities.inheritable, std::vector<int>{});
  EXPECT_TRUE(spec.process.terminal.has_value());
  EXPECT_EQ(spec.namespaces.network.path, "/run/netns/netns-6b1c3a52-5c8a-0b7a-4b62-6a4a2f1d0e93");
  EXPECT_EQ(spec.mounts.size(), 13U);
  EXPECT_EQ(spec.mounts.back().kind, MountKind::cgroups);
  EXPECT_EQ(std::get<SeccompProfile>(spec.seccomp).rules.at(1).names.size(), 388U);
  ASSERT_TRUE(spec.cgroup.has_value());
  EXPECT_TRUE(spec.cgroup->path.starts_with("/libpod_parent/libpod-"));
  EXPECT_EQ(spec.cgroup->resources.pids, 2048);
}

TEST(OciConfig, ReadsWhatContainerdWrites) {
  auto options = load_options();
  options.driver = CgroupDriver::systemd;
  const auto config = oci::load_config(content_of("containerd.json"), options);
  EXPECT_EQ(config.warnings, Lines{});
  const ContainerSpec& spec = config.spec;
  EXPECT_EQ(spec.root.path, "/srv/bundle/rootfs");
  EXPECT_EQ(spec.cgroup->path, "kubepods-burstable-pod1b2c.slice:cri-containerd:4e5f");
  EXPECT_EQ(spec.process.oom_score_adj, 979);
  EXPECT_TRUE(spec.process.no_new_privileges);
  EXPECT_TRUE(spec.mounts.back().set_below.read_only);
  EXPECT_EQ(spec.cgroup->resources.unified.at(0).first, "memory.oom.group");
  EXPECT_EQ(spec.namespaces.uts, joined("/proc/4321/ns/uts"));
}

}  // namespace
}  // namespace mydocker::test
