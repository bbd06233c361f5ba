// What a config.json is refused for: each with its place, all at once.
#include "unit/oci_samples.hpp"

namespace mydocker::test {
namespace {

TEST(OciRefusals, OfTheTop) {
  expect_refused({
      {R"({"ociVersion": null})", "ociVersion: missing"},
      {R"({"ociVersion": 1})", "ociVersion: 1: has to be a string"},
      {R"({"ociVersion": "1.0"})", "ociVersion: '1.0': has to be a version as in 1.3.0"},
      {R"({"ociVersion": "1.01.0"})", "ociVersion: '1.01.0': has to be a version as in 1.3.0"},
      {R"({"ociVersion": "1.0.0-"})", "ociVersion: '1.0.0-': has to be a version as in 1.3.0"},
      {R"({"ociVersion": "2.0.0"})",
       "ociVersion: '2.0.0': of another major version; allowed are 1.x"},
      {R"({"root": null})", "root: missing"},
      {R"({"root": {"path": ""}})", "root.path: '': has to be a path"},
      {R"({"root": {"readonly": 1}})", "root.readonly: 1: has to be true or false"},
      {R"({"annotations": {"": "x"}})", "annotations['']: the key is empty"},
      {R"({"annotations": {"a.b": 5}})", "annotations['a.b']: 5: has to be a string"},
      {R"({"hostname": "x"})",
       "hostname: 'x': linux.namespaces has no 'uts': the host's own name would change"},
      {R"({"domainname": "x"})",
       "domainname: 'x': linux.namespaces has no 'uts': the host's own name would change"},
      {R"({"mounts": {}})", "mounts: an object: has to be an array"},
      {R"({"mounts": [5]})", "mounts[0]: 5: has to be an object"},
      {R"({"mounts": [{"type": "proc"}]})", "mounts[0].destination: missing"},
      {R"({"linux": null})",
       "linux: no 'mount' namespace: without one of its own the container's mounts would be the "
       "host's"},
  });
}

TEST(OciRefusals, OfTheProcess) {
  expect_refused({
      {R"({"process": []})", "process: an array: has to be an object"},
      {R"({"process": {"args": null}})", "process.args: missing"},
      {R"({"process": {"args": []}})",
       "process.args: empty: the first element is the program to run"},
      {R"({"process": {"args": [""]}})", "process.args: the program's name is empty"},
      {R"({"process": {"args": ["a", null]}})", "process.args[1]: null: has to be a value"},
      {R"({"process": {"args": ["a", 5]}})", "process.args[1]: 5: has to be a string"},
      {R"({"process": {"args": ["a\u0000b"]}})",
       "process.args[0]: 'a\\x00b': holds a NUL character"},
      {R"({"process": {"cwd": "here"}})", "process.cwd: 'here': has to be an absolute path"},
      {R"({"process": {"cwd": null}})", "process.cwd: missing"},
      {R"({"process": {"env": ["A"]}})", "process.env[0]: 'A': has to be NAME=VALUE"},
      {R"({"process": {"env": ["=A"]}})", "process.env[0]: '=A': has to be NAME=VALUE"},
      {R"({"process": {"terminal": "yes"}})", "process.terminal: 'yes': has to be true or false"},
      {R"({"process": {"terminal": true, "consoleSize": {"height": 65536, "width": 1}}})",
       "process.consoleSize.height: 65536: allowed are 0 to 65535"},
      {R"({"process": {"user": null}})", "process.user: missing"},
      {R"({"process": {"user": {"uid": 4294967295}}})",
       "process.user.uid: 4294967295: allowed are 0 to 4294967294"},
      {R"({"process": {"user": {"gid": -1}}})",
       "process.user.gid: -1: allowed are 0 to 4294967294"},
      {R"({"process": {"user": {"gid": null}}})", "process.user.gid: missing"},
      {R"({"process": {"user": {"umask": 512}}})", "process.user.umask: 512: allowed are 0 to 511"},
      {R"({"process": {"user": {"additionalGids": ["a"]}}})",
       "process.user.additionalGids[0]: 'a': has to be a number"},
      {R"({"process": {"oomScoreAdj": 1001}})",
       "process.oomScoreAdj: 1001: allowed are -1000 to 1000"},
      {R"({"process": {"oomScoreAdj": -1001}})",
       "process.oomScoreAdj: -1001: allowed are -1000 to 1000"},
      {R"({"process": {"capabilities": ["CAP_KILL"]}})",
       "process.capabilities: an array: has to be an object"},
      {R"({"process": {"rlimits": [{"type": "RLIMIT_NOFILE", "soft": 2, "hard": 1}]}})",
       "process.rlimits[0].soft: 2: above the hard limit, 1"},
      {R"({"process": {"rlimits": [{"type": "RLIMIT_NOFILE", "soft": 2}]}})",
       "process.rlimits[0].hard: missing"},
      {R"({"process": {"rlimits": [{"type": "RLIMIT_AS", "soft": 1, "hard": 1},
                                   {"type": "RLIMIT_AS", "soft": 1, "hard": 1}]}})",
       "process.rlimits[1].type: 'RLIMIT_AS': given twice"},
  });
  const auto problems =
      problems_with(R"({"process": {"rlimits": [{"type": "NOFILE", "soft": 1, "hard": 1}]}})");
  ASSERT_EQ(problems.size(), 1U);
  EXPECT_TRUE(problems[0].starts_with(
      "process.rlimits[0].type: 'NOFILE': allowed are RLIMIT_AS, RLIMIT_CORE,"));
}

TEST(OciRefusals, OfScheduling) {
  expect_refused({
      {R"({"process": {"scheduler": {"policy": "SCHED_ISO"}}})",
       "process.scheduler.policy: 'SCHED_ISO': allowed are SCHED_OTHER, SCHED_FIFO, SCHED_RR, "
       "SCHED_BATCH, SCHED_IDLE, SCHED_DEADLINE"},
      {R"({"process": {"scheduler": {}}})", "process.scheduler.policy: missing"},
      {R"({"process": {"scheduler": {"policy": "SCHED_OTHER", "nice": 20}}})",
       "process.scheduler.nice: 20: allowed are -20 to 19"},
      {R"({"process": {"scheduler": {"policy": "SCHED_OTHER", "priority": 5}}})",
       "process.scheduler.priority: SCHED_FIFO and SCHED_RR need 1 to 99, the others 0"},
      {R"({"process": {"scheduler": {"policy": "SCHED_FIFO"}}})",
       "process.scheduler.priority: SCHED_FIFO and SCHED_RR need 1 to 99, the others 0"},
      {R"({"process": {"scheduler": {"policy": "SCHED_BATCH", "runtime": 5}}})",
       "process.scheduler.runtime: 5: SCHED_DEADLINE alone has one"},
      {R"({"process": {"ioPriority": {"class": "IOPRIO_CLASS_NONE", "priority": 1}}})",
       "process.ioPriority.class: 'IOPRIO_CLASS_NONE': allowed are IOPRIO_CLASS_RT, "
       "IOPRIO_CLASS_BE, IOPRIO_CLASS_IDLE"},
      {R"({"process": {"ioPriority": {"class": "IOPRIO_CLASS_BE", "priority": 8}}})",
       "process.ioPriority.priority: 8: allowed are 0 to 7"},
      {R"({"process": {"execCPUAffinity": {"initial": "3-1"}}})",
       "process.execCPUAffinity.initial: '3-1': has to be a list of numbers and ranges as in "
       "0-3,7"},
  });
}

TEST(OciRefusals, OfNamespacesAndMaps) {
  constexpr const char* kUser = R"({"type": "mount"}, {"type": "user"})";
  const auto problems_in_user = [&](const std::string& more) {
    return problems_with(R"({"linux": {"namespaces": [)" + std::string(kUser) + "], " + more +
                         "}}");
  };
  const std::string good = R"([{"containerID": 0, "hostID": 1, "size": 1}])";
  EXPECT_EQ(
      problems_in_user(R"("uidMappings": )" + good),
      (Lines{"linux.gidMappings: missing: a new user namespace maps no ids by itself",
             "process.user.gid: 0: does not exist in the container: linux's mappings leave it "
             "out"}));
  EXPECT_EQ(
      problems_in_user(R"("gidMappings": )" + good +
                       R"(, "uidMappings": [{"containerID": 5, "hostID": 1, "size": 0}])"),
      (Lines{"linux.uidMappings[0].size: 0: allowed are 1 to 4294967295",
             "process.user.uid: 0: does not exist in the container: linux's mappings leave it "
             "out"}));
  expect_refused({
      {R"({"linux": {"namespaces": [{"type": "mount"}, {"type": "magic"}]}})",
       "linux.namespaces[1].type: 'magic': allowed are cgroup, ipc, mount, network, pid, time, "
       "user, uts"},
      {R"({"linux": {"namespaces": [{"type": "mount"}, {"type": "mount"}]}})",
       "linux.namespaces[1].type: 'mount': given twice"},
      {R"({"linux": {"namespaces": [{"type": "mount"}, {"type": "pid", "path": "ns"}]}})",
       "linux.namespaces[1].path: 'ns': has to be an absolute path"},
      {R"({"linux": {"namespaces": [{"type": "pid"}]}})",
       "linux.namespaces: no 'mount' namespace: without one of its own the container's mounts "
       "would "
       "be the host's"},
      {R"({"linux": {"uidMappings": [{"containerID": 0, "hostID": 1, "size": 1}]}})",
       "linux.uidMappings: linux.namespaces has no 'user' that it could belong to"},
      {R"({"linux": {"timeOffsets": {"monotonic": {"secs": 1}}}})",
       "linux.timeOffsets: only a new time namespace has offsets, and linux.namespaces asks for "
       "none"},
      {R"({"linux": {"namespaces": [{"type": "mount"}, {"type": "time"}],
                     "timeOffsets": {"realtime": {}}}})",
       "linux.timeOffsets.realtime: no clock of a time namespace; allowed are boottime, monotonic"},
      {R"({"linux": {"namespaces": [{"type": "mount"}, {"type": "time"}],
                     "timeOffsets": {"boottime": {"nanosecs": 1000000000}}}})",
       "linux.timeOffsets.boottime.nanosecs: 1000000000: allowed are 0 to 999999999"},
  });
}

TEST(OciRefusals, NotOfMapsBesideAJoinedNamespace) {
  const auto spec = spec_with(R"({"linux": {
      "namespaces": [{"type": "mount"}, {"type": "user", "path": "/proc/5/ns/user"}],
      "uidMappings": [{"containerID": 0, "hostID": 0, "size": 1}]}})");
  EXPECT_EQ(spec.uid_map, std::vector<IdRange>{});
}

TEST(OciRefusals, OfDevices) {
  expect_refused({
      {R"({"linux": {"devices": [{"path": "dev/x", "type": "c", "major": 1, "minor": 1}]}})",
       "linux.devices[0].path: 'dev/x': has to be an absolute path without '..'"},
      {R"({"linux": {"devices": [{"path": "/dev/../x", "type": "c", "major": 1, "minor": 1}]}})",
       "linux.devices[0].path: '/dev/../x': has to be an absolute path without '..'"},
      {R"({"linux": {"devices": [{"path": "/dev/x", "type": "d", "major": 1, "minor": 1}]}})",
       "linux.devices[0].type: 'd': allowed are c, b, u, p"},
      {R"({"linux": {"devices": [{"path": "/dev/x", "type": "c", "major": 4096, "minor": 1}]}})",
       "linux.devices[0].major: 4096: allowed are 0 to 4095"},
      {R"({"linux": {"devices": [{"path": "/dev/x", "type": "b", "major": 1}]}})",
       "linux.devices[0].minor: missing"},
      {R"({"linux": {"devices": [{"path": "/dev/x", "type": "p", "fileMode": 65536}]}})",
       "linux.devices[0].fileMode: 65536: allowed are 0 to 65535"},
      {R"({"linux": {"netDevices": {"eth0": {}}}})",
       "linux.netDevices: linux.namespaces has no 'network' that they could move to"},
      {R"({"linux": {"namespaces": [{"type": "mount"}, {"type": "network"}],
                     "netDevices": {"eth0": {"name": "a/b"}}}})",
       "linux.netDevices.eth0.name: 'a/b': no name of a network device: 1 to 15 characters without "
       "blanks, '/' and ':'"},
      {R"({"linux": {"maskedPaths": ["proc/kcore"]}})",
       "linux.maskedPaths[0]: 'proc/kcore': has to be an absolute path"},
      {R"({"linux": {"readonlyPaths": [true]}})",
       "linux.readonlyPaths[0]: true: has to be a string"},
      {R"({"linux": {"rootfsPropagation": "public"}})",
       "linux.rootfsPropagation: 'public': allowed are private, shared, slave, unbindable, also "
       "with an r in front"},
  });
}

TEST(OciRefusals, ComeAllAtOnce) {
  EXPECT_EQ(
      problems_with(R"({"process": {"cwd": 5, "user": {"uid": "root"}},
                              "linux": {"resources": {"pids": {"limit": 1.5}}},
                              "hooks": {"poststart": ["x"]}})"),
      (Lines{"process.cwd: 5: has to be a string", "process.user.uid: 'root': has to be a number",
             "linux.resources.pids.limit: 1.5: has to be a whole number of at most 64 bits, "
             "without a point or an exponent",
             "hooks.poststart[0]: 'x': has to be an object"}));
}

TEST(OciRefusals, ComeOnce) {
  EXPECT_EQ(problems_with(R"({"process": {"args": "sh"}, "linux": {"seccomp": []}})"),
            (Lines{"process.args: 'sh': has to be an array",
                   "linux.seccomp: an array: has to be an object"}));
}

TEST(OciRefusals, SpeakToNoTerminal) {
  EXPECT_EQ(problems_with(R"({"process": {"cwd": "\u001b[2J\n"}, "annotations": {"\u001b": 1}})"),
            (Lines{"process.cwd: '\\x1b[2J\\x0a': has to be an absolute path",
                   "annotations['\\x1b']: 1: has to be a string"}));
}

TEST(OciWarnings, OfCapabilities) {
  const auto config = loaded(R"({"process": {"capabilities": {
    "bounding": ["CAP_KILL", "CAP_FLY"], "permitted": ["CAP_KILL"], "effective": ["CAP_CHOWN"],
    "inheritable": ["CAP_CHOWN"], "ambient": ["CAP_KILL", "CAP_FOWNER"]}}})");
  EXPECT_EQ(config.spec.process.capabilities, (CapabilitySets{{5}, {}, {5}, {}, {}}));
  EXPECT_EQ(config.warnings,
            (Lines{"process.capabilities.bounding[1]: 'CAP_FLY': left out: unknown",
                   "process.capabilities.effective[0]: 'CAP_CHOWN': left out: not in 'permitted'",
                   "process.capabilities.inheritable[0]: 'CAP_CHOWN': left out: not in 'bounding'",
                   "process.capabilities.ambient[1]: 'CAP_FOWNER': left out: not in 'permitted'",
                   "process.capabilities.ambient[0]: 'CAP_KILL': left out: not in 'inheritable'"}));
}

}  // namespace
}  // namespace mydocker::test
