// `linux.resources` and `linux.cgroupsPath`, in config.json and alone.
#include "unit/oci_samples.hpp"

namespace mydocker::test {
namespace {

constexpr const char* kEverything = R"({
  "devices": [{"allow": false, "access": "rwm"},
    {"allow": true, "type": "c", "major": 10, "minor": 229, "access": "wr"},
    {"allow": true, "type": "b", "major": -1, "minor": 0, "access": "m"}],
  "memory": {"limit": 1048576, "reservation": -1, "swap": 2097152, "kernel": 5, "kernelTCP": 6,
    "swappiness": 0, "disableOOMKiller": true, "useHierarchy": false, "checkBeforeUpdate": true},
  "cpu": {"shares": 1024, "quota": 50000, "burst": 1000, "period": 100000, "realtimeRuntime": 95,
    "realtimePeriod": 100, "cpus": "0-3,7", "mems": "0", "idle": 1},
  "pids": {"limit": -1},
  "blockIO": {"weight": 10, "leafWeight": 1000,
    "weightDevice": [{"major": 8, "minor": 0, "weight": 500}, {"major": 8, "minor": 16,
                      "leafWeight": 300}],
    "throttleReadBpsDevice": [{"major": 8, "minor": 0, "rate": 1}],
    "throttleWriteBpsDevice": [{"major": 8, "minor": 0, "rate": 2}],
    "throttleReadIOPSDevice": [{"major": 8, "minor": 0, "rate": 3}],
    "throttleWriteIOPSDevice": [{"major": 8, "minor": 0, "rate": 18446744073709551615}]},
  "hugepageLimits": [{"pageSize": "2MB", "limit": 0}],
  "network": {"classID": 1048577, "priorities": [{"name": "eth0", "priority": 500}]},
  "rdma": {"mlx5_1": {"hcaHandles": 3, "hcaObjects": 10000}, "mlx4_0": {"hcaObjects": 1000}},
  "unified": {"io.max": "8:0 rbps=1\n8:16 rbps=2", "hugetlb.1GB.max": "0"}
})";

Resources everything() {
  Resources out;
  out.memory = {1048576, -1, 2097152, 5, 6, 0, true, false, true};
  out.cpu.shares = 1024;
  out.cpu.quota = 50000;
  out.cpu.burst = 1000;
  out.cpu.period = 100000;
  out.cpu.realtime_runtime = 95;
  out.cpu.realtime_period = 100;
  out.cpu.cpus = "0-3,7";
  out.cpu.mems = "0";
  out.cpu.idle = 1;
  out.pids = -1;
  out.block_io = {10,
                  1000,
                  {{8, 0, 500, std::nullopt}, {8, 16, std::nullopt, 300}},
                  {{8, 0, 1}},
                  {{8, 0, 2}},
                  {{8, 0, 3}},
                  {{8, 0, UINT64_MAX}}};
  out.hugepages = {{"2MB", 0}};
  out.network = {1048577, {{"eth0", 500}}};
  out.rdma = {{"mlx4_0", std::nullopt, 1000}, {"mlx5_1", 3, 10000}};
  out.devices = {{false, 'a', std::nullopt, std::nullopt, "rwm"},
                 {true, 'c', 10, 229, "wr"},
                 {true, 'b', std::nullopt, 0, "m"}};
  out.unified = {{"hugetlb.1GB.max", "0"}, {"io.max", "8:0 rbps=1\n8:16 rbps=2"}};
  return out;
}

std::string path_of(const std::string& path, CgroupDriver driver) {
  auto options = load_options();
  options.driver = driver;
  return oci::load_config(config_with(R"({"linux": {"cgroupsPath": ")" + path + R"("}})"), options)
      .spec.cgroup->path;
}

Lines problems_of_path(const std::string& path, CgroupDriver driver) {
  return problems_in([&] { return path_of(path, driver); });
}

TEST(OciResources, AreReadAlone) { EXPECT_EQ(oci::load_resources(kEverything), everything()); }

TEST(OciResources, AreReadInAConfig) {
  const auto spec = spec_with(std::string(R"({"linux": {"resources": )") + kEverything + R"(}})");
  EXPECT_EQ(
      spec.cgroup,
      (CgroupRequest{.path = "/mydocker/box", .resources = everything(), .every_hierarchy = true}));
}

TEST(OciResources, OfZeroAreNotGiven) {
  EXPECT_EQ(oci::load_resources(R"({
    "memory": {"limit": 0, "reservation": 0, "swap": 0, "kernel": 0, "kernelTCP": 0},
    "cpu": {"shares": 0, "quota": 0, "period": 0, "realtimeRuntime": 0, "realtimePeriod": 0,
            "cpus": "", "mems": ""},
    "blockIO": {"weight": 0, "leafWeight": 0}, "devices": null, "pids": {}})"),
            Resources{});
}

TEST(OciResources, OfZeroThatMeanSomethingStay) {
  const auto out =
      oci::load_resources(R"({"memory": {"swappiness": 0}, "cpu": {"burst": 0, "idle": 0}})");
  EXPECT_EQ(out.memory.swappiness, 0U);
  EXPECT_EQ(out.cpu.burst, 0U);
  EXPECT_EQ(out.cpu.idle, 0);
}

TEST(OciResources, OfNoProcessAreALimitSinceVersion13) {
  const auto pids = [](const std::string& version) {
    return spec_with(R"({"ociVersion": ")" + version +
                     R"(", "linux": {"resources": {"pids": {"limit": 0}}}})")
        .cgroup->resources.pids;
  };
  EXPECT_EQ(pids("1.2.1"), std::nullopt);
  EXPECT_EQ(pids("1.0.2-dev"), std::nullopt);
  EXPECT_EQ(pids("1.3.0"), 0);
  EXPECT_EQ(oci::load_resources(R"({"pids": {"limit": 0}})").pids, std::nullopt);
}

TEST(OciResources, WithoutCgroupsAreWarnedOf) {
  auto options = load_options();
  options.cgroups = false;
  const auto config =
      oci::load_config(config_with(R"({"linux": {"resources": {"pids": {"limit": 5}}}})"), options);
  EXPECT_EQ(config.spec.cgroup, std::nullopt);
  EXPECT_EQ(config.warnings,
            Lines{"linux.resources: an object: without effect: the caller wants no cgroup"});
}

TEST(OciResources, NameTheirPlaceInAFileOfTheirOwn) {
  EXPECT_EQ(problems_in([] { return oci::load_resources(R"({"pids": {"limit": "x"}})"); }),
            Lines{"pids.limit: 'x': has to be a number"});
}

TEST(OciCgroupsPath, IsTakenAsItIs) {
  EXPECT_EQ(path_of("/a/b", CgroupDriver::cgroupfs), "/a/b");
  EXPECT_EQ(path_of("pods/b:c", CgroupDriver::cgroupfs), "pods/b:c");
  EXPECT_EQ(path_of("", CgroupDriver::cgroupfs), "/mydocker/box");
  EXPECT_EQ(path_of("machine.slice:libpod:12", CgroupDriver::systemd), "machine.slice:libpod:12");
  EXPECT_EQ(path_of(":p:n", CgroupDriver::systemd), "system.slice:p:n");
  EXPECT_EQ(path_of("-.slice::n", CgroupDriver::systemd), "-.slice::n");
}

TEST(OciCgroupsPath, IsRefusedWhereItLeadsElsewhere) {
  for (const char* const path : {"..", "/a/../../b", "/", "./", "/a\\n"}) {
    const auto problems = problems_of_path(path, CgroupDriver::cgroupfs);
    ASSERT_EQ(problems.size(), 1U) << path;
    EXPECT_TRUE(
        problems[0].ends_with("has to be a path below the top of the cgroups, without '..'"));
  }
  for (const char* const path : {"/a/b", "a:b", "a.slice:b:", "slice:a:b", ".slice:a:b",
                                 "a.slice:b:c:d", "a.slice:../b:c"}) {
    EXPECT_EQ(problems_of_path(path, CgroupDriver::systemd),
              Lines{"linux.cgroupsPath: '" + std::string(path) +
                    "': has to be SLICE:PREFIX:NAME with a slice of systemd's, as in "
                    "system.slice:mydocker:box"});
  }
}

}  // namespace
}  // namespace mydocker::test
