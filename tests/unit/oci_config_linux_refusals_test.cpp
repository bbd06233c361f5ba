// What a config.json is refused for in its section `linux`, and in `hooks`.
#include "unit/oci_samples.hpp"

namespace mydocker::test {
namespace {

TEST(OciRefusals, OfSettingsOfTheHost) {
  expect_refused({
      {R"({"linux": {"sysctl": {"net.a": "1"}}})",
       "linux.sysctl['net.a']: linux.namespaces has no 'network': it would change for the whole "
       "host"},
      {R"({"linux": {"sysctl": {"kernel.msgmax": "1"}}})",
       "linux.sysctl['kernel.msgmax']: linux.namespaces has no 'ipc': it would change for the "
       "whole "
       "host"},
      {R"({"linux": {"sysctl": {"vm.swappiness": "1"}}})",
       "linux.sysctl['vm.swappiness']: belongs to no namespace: it would change for the whole "
       "host"},
      {R"({"linux": {"sysctl": {"kernel.hostname": "1"}}})",
       "linux.sysctl['kernel.hostname']: the property 'hostname' is there for it"},
      {R"({"linux": {"namespaces": [{"type": "mount"}, {"type": "network"}],
                     "sysctl": {"net/../kernel/core_pattern": "|/x"}}})",
       "linux.sysctl['net/../kernel/core_pattern']: no name of a setting"},
      {R"({"linux": {"namespaces": [{"type": "mount"}, {"type": "network"}],
                     "sysctl": {"net.//.kernel.core_pattern": "|/x"}}})",
       "linux.sysctl['net.//.kernel.core_pattern']: no name of a setting"},
      {R"({"linux": {"namespaces": [{"type": "mount"}, {"type": "network"}],
                     "sysctl": {"net.a": 1}}})",
       "linux.sysctl['net.a']: 1: has to be a string"},
  });
}

TEST(OciRefusals, OfKernelThings) {
  expect_refused({
      {R"({"linux": {"personality": {"domain": "BSD"}}})",
       "linux.personality.domain: 'BSD': allowed are LINUX, LINUX32"},
      {R"({"linux": {"personality": {"domain": "LINUX", "flags": ["X"]}}})",
       "linux.personality.flags: the specification has no flag yet"},
      {R"({"linux": {"memoryPolicy": {"mode": "MPOL_BIND"}}})",
       "linux.memoryPolicy.nodes: missing: this mode needs at least one node"},
      {R"({"linux": {"memoryPolicy": {"mode": "MPOL_LOCAL", "nodes": "0"}}})",
       "linux.memoryPolicy.nodes: '0': MPOL_DEFAULT and MPOL_LOCAL take no nodes"},
      {R"({"linux": {"memoryPolicy": {"mode": "MPOL_BIND", "nodes": "0",
             "flags": ["MPOL_F_STATIC_NODES", "MPOL_F_RELATIVE_NODES"]}}})",
       "linux.memoryPolicy.flags: MPOL_F_RELATIVE_NODES and MPOL_F_STATIC_NODES exclude each "
       "other"},
      {R"({"linux": {"intelRdt": {"closID": "../x"}}})",
       "linux.intelRdt.closID: '../x': has to be the name of one folder, or '/'"},
      {R"({"linux": {"intelRdt": {"memBwSchema": "MB:0=1\nMB:1=1"}}})",
       "linux.intelRdt.memBwSchema: 'MB:0=1\\x0aMB:1=1': has to be one line that begins with MB:"},
      {R"({"linux": {"intelRdt": {"schemata": ["L3:0=f\n"]}}})",
       "linux.intelRdt.schemata[0]: 'L3:0=f\\x0a': has to be one line"},
  });
}

TEST(OciRefusals, OfResources) {
  expect_refused({
      {R"({"linux": {"resources": {"memory": {"limit": -2}}}})",
       "linux.resources.memory.limit: -2: allowed are -1 to 9223372036854775807"},
      {R"({"linux": {"resources": {"memory": {"limit": 10, "swap": 5}}}})",
       "linux.resources.memory.swap: 5: is memory and swap together: at least memory.limit, or -1"},
      {R"({"linux": {"resources": {"memory": {"swappiness": 101}}}})",
       "linux.resources.memory.swappiness: 101: allowed are 0 to 100"},
      {R"({"linux": {"resources": {"cpu": {"quota": 999}}}})",
       "linux.resources.cpu.quota: 999: allowed are -1, and 1000 microseconds or more"},
      {R"({"linux": {"resources": {"cpu": {"period": 999}}}})",
       "linux.resources.cpu.period: 999: allowed are 1000 to 1000000 microseconds"},
      {R"({"linux": {"resources": {"cpu": {"quota": 1000, "burst": 1001}}}})",
       "linux.resources.cpu.burst: 1001: above the quota, 1000"},
      {R"({"linux": {"resources": {"cpu": {"cpus": "0,"}}}})",
       "linux.resources.cpu.cpus: '0,': has to be a list of numbers and ranges as in 0-3,7"},
      {R"({"linux": {"resources": {"cpu": {"idle": 2}}}})",
       "linux.resources.cpu.idle: 2: allowed are 0 to 1"},
      {R"({"linux": {"resources": {"blockIO": {"weight": 9}}}})",
       "linux.resources.blockIO.weight: 9: allowed are 10 to 1000"},
      {R"({"linux": {"resources": {"blockIO": {"weightDevice": [{"major": 8, "minor": 0}]}}}})",
       "linux.resources.blockIO.weightDevice[0]: needs weight or leafWeight"},
      {R"({"linux": {"resources": {"hugepageLimits": [{"pageSize": "2M", "limit": 1}]}}})",
       "linux.resources.hugepageLimits[0].pageSize: '2M': has to be a size as in 64KB, 2MB, 1GB"},
      {R"({"linux": {"resources": {"hugepageLimits": [{"pageSize": "2MB"}]}}})",
       "linux.resources.hugepageLimits[0].limit: missing"},
      {R"({"linux": {"resources": {"rdma": {"a": {}}}}})",
       "linux.resources.rdma.a: needs hcaHandles or hcaObjects"},
      {R"({"linux": {"resources": {"unified": {"../memory.max": "1"}}}})",
       "linux.resources.unified['../memory.max']: has to name a file of the cgroup's folder"},
      {R"({"linux": {"resources": {"devices": [{"type": "c"}]}}})",
       "linux.resources.devices[0].allow: missing"},
      {R"({"linux": {"resources": {"devices": [{"allow": true, "type": "p"}]}}})",
       "linux.resources.devices[0].type: 'p': allowed are a, b, c"},
      {R"({"linux": {"resources": {"devices": [{"allow": true, "access": "rx"}]}}})",
       "linux.resources.devices[0].access: 'rx': allowed are the letters r, w, m"},
  });
}

TEST(OciRefusals, OfSeccomp) {
  expect_refused({
      {R"({"linux": {"seccomp": {}}})", "linux.seccomp.defaultAction: missing"},
      {R"({"linux": {"seccomp": {"defaultAction": "SCMP_ACT_NOTIFY"}}})",
       "linux.seccomp.defaultAction: 'SCMP_ACT_NOTIFY': whoever answers would have to be asked "
       "before the container can start"},
      {R"({"linux": {"seccomp": {"defaultAction": "SCMP_ACT_ALLOW", "defaultErrnoRet": 1}}})",
       "linux.seccomp.defaultErrnoRet: 1: only SCMP_ACT_ERRNO and SCMP_ACT_TRACE carry a number"},
      {R"({"linux": {"seccomp": {"defaultAction": "SCMP_ACT_ERRNO", "defaultErrnoRet": 4096}}})",
       "linux.seccomp.defaultErrnoRet: 4096: allowed are 0 to 4095"},
      {R"({"linux": {"seccomp": {"defaultAction": "SCMP_ACT_ALLOW", "listenerMetadata": "x"}}})",
       "linux.seccomp.listenerMetadata: goes to listenerPath, which is missing"},
      {R"({"linux": {"seccomp": {"defaultAction": "SCMP_ACT_ALLOW",
             "syscalls": [{"names": ["a"], "action": "SCMP_ACT_NOTIFY"}]}}})",
       "linux.seccomp.listenerPath: missing: somebody has to answer for SCMP_ACT_NOTIFY"},
      {R"({"linux": {"seccomp": {"defaultAction": "SCMP_ACT_ALLOW",
             "syscalls": [{"names": [], "action": "SCMP_ACT_LOG"}]}}})",
       "linux.seccomp.syscalls[0].names: names no system call"},
      {R"({"linux": {"seccomp": {"defaultAction": "SCMP_ACT_ALLOW",
             "syscalls": [{"names": ["a"], "action": "SCMP_ACT_LOG",
                           "args": [{"index": 6, "value": 0, "op": "SCMP_CMP_EQ"}]}]}}})",
       "linux.seccomp.syscalls[0].args[0].index: 6: allowed are 0 to 5"},
      {R"({"linux": {"seccomp": {"defaultAction": "SCMP_ACT_ALLOW",
             "flags": ["SECCOMP_FILTER_FLAG_NEW_LISTENER"]}}})",
       "linux.seccomp.flags[0]: 'SECCOMP_FILTER_FLAG_NEW_LISTENER': allowed are "
       "SECCOMP_FILTER_FLAG_LOG, SECCOMP_FILTER_FLAG_SPEC_ALLOW, SECCOMP_FILTER_FLAG_TSYNC, "
       "SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV"},
  });
}

TEST(OciRefusals, OfHooks) {
  expect_refused({
      {R"({"hooks": {"poststop": [{"path": "x"}]}})",
       "hooks.poststop[0].path: 'x': has to be an absolute path"},
      {R"({"hooks": {"poststop": [{}]}})", "hooks.poststop[0].path: missing"},
      {R"({"hooks": {"prestart": [{"path": "/x", "timeout": 0}]}})",
       "hooks.prestart[0].timeout: 0: allowed are 1 to 2147483647"},
      {R"({"hooks": {"prestart": {}}})", "hooks.prestart: an object: has to be an array"},
  });
}

}  // namespace
}  // namespace mydocker::test
