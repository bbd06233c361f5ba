// Names of systemd's units, the folders of their cgroups, and what they are told of limits.
#include "helpers/systemd_units.hpp"

#include <gtest/gtest.h>

#include <stdexcept>

namespace mydocker::systemd_units {
namespace {

TEST(SystemdUnits, AreNamedByPrefixAndName) {
  struct Row {
    std::string path, slice, unit;
  };
  const Row rows[] = {
      {"machine.slice:libpod:abc", "machine.slice", "libpod-abc.scope"},
      {"system.slice:docker:abc", "system.slice", "docker-abc.scope"},
      {":mydocker:one", "system.slice", "mydocker-one.scope"},
      {"::one", "system.slice", "one.scope"},
      {"-.slice::one", "-.slice", "one.scope"},
      {"a-b.slice:p:x.scope", "a-b.slice", "p-x.scope.scope"},
      {"pods.slice:ignored:pods-one.slice", "pods.slice", "pods-one.slice"},
      {"system.slice:p:a+b@c d\xc3\xa4", "system.slice", "p-a\\x2bb\\x40c\\x20d\\xc3\\xa4.scope"},
      {"system.slice:p:a\\x2db", "system.slice", "p-a\\x2db.scope"},
  };
  for (const auto& [path, slice, unit] : rows)
    EXPECT_EQ(parse(path, "system.slice"), (Place{slice, unit})) << path;
}

TEST(SystemdUnits, HaveThreeParts) {
  const std::string too_long(250, 'x');
  for (const std::string& path :
       {std::string(), std::string("one"), std::string("system.slice:one"), std::string("a:b:c:d"),
        std::string("system.slice:p:"), std::string("system:p:one"), std::string(".slice:p:one"),
        std::string("-a.slice:p:one"), std::string("a-.slice:p:one"),
        std::string("a--b.slice:p:one"), std::string("a/b.slice:p:one"),
        std::string("system.slice:p:a/b"), std::string("system.slice:p:../b"),
        std::string("a b.slice:p:one"), std::string("system.slice:p:-.slice"),
        std::string("system.slice:p:a--b.slice"), "system.slice:p:" + too_long}) {
    EXPECT_EQ(parse(path, "system.slice"), std::nullopt) << path;
  }
}

TEST(SystemdUnits, SlicesLieBelowEachOther) {
  const std::pair<std::string, std::string> rows[] = {
      {"-.slice", ""},
      {"system.slice", "/system.slice"},
      {"a-b-c.slice", "/a.slice/a-b.slice/a-b-c.slice"},
      {"memory.slice", "/_memory.slice"},
      {"cpu-b.slice", "/_cpu.slice/cpu-b.slice"},
      {"_a.slice", "/__a.slice"},
  };
  for (const auto& [slice, path] : rows) EXPECT_EQ(slice_path(slice), path) << slice;
  for (const char* const slice : {"", "a", ".slice", "--.slice", "a.slice/b.slice", "-a.slice"})
    EXPECT_EQ(slice_path(slice), std::nullopt) << slice;
}

TEST(SystemdUnits, HaveAFolderInTheirSlice) {
  const std::pair<Place, std::string> rows[] = {
      {{"machine.slice", "libpod-abc.scope"}, "/machine.slice/libpod-abc.scope"},
      {{"-.slice", "one.scope"}, "/one.scope"},
      {{"a-b.slice", "one.scope"}, "/a.slice/a-b.slice/one.scope"},
      {{"-.slice", "memory.scope"}, "/_memory.scope"},
      {{"system.slice", "pods-one.slice"}, "/pods.slice/pods-one.slice"},
  };
  for (const auto& [place, path] : rows) EXPECT_EQ(unit_path(place), path) << place.unit;
}

struct Told {
  FilesAndTexts files;
  UnitProperties properties;
};

TEST(SystemdProperties, SayWhatTheFilesSay) {
  const Told rows[] = {
      {{}, {}},
      // Version 2.
      {{{"memory.max", "1048576"}, {"memory.low", "max"}, {"memory.swap.max", "0"}},
       {{"MemoryMax", "1048576"}, {"MemoryLow", "infinity"}, {"MemorySwapMax", "0"}}},
      {{{"memory.high", "5"}, {"memory.min", "4"}}, {{"MemoryHigh", "5"}, {"MemoryMin", "4"}}},
      {{{"cpu.weight", "39"}, {"pids.max", "64"}}, {{"CPUWeight", "39"}, {"TasksMax", "64"}}},
      {{{"pids.max", "max"}}, {{"TasksMax", "infinity"}}},
      {{{"cpuset.cpus", "0-1"}, {"cpuset.mems", "0"}},
       {{"AllowedCPUs", "0-1"}, {"AllowedMemoryNodes", "0"}}},
      {{{"cpu.weight", "39"}, {"cpu.idle", "1"}}, {{"CPUWeight", "0"}}},
      {{{"cpu.idle", "0"}, {"cpu.weight", "39"}}, {{"CPUWeight", "39"}}},
      {{{"io.bfq.weight", "50"}, {"io.weight", "default 400"}, {"io.weight", "8:0 200"}},
       {{"IOWeight", "400"}}},
      // Version 1.
      {{{"memory.limit_in_bytes", "4096"}, {"memory.memsw.limit_in_bytes", "8192"}},
       {{"MemoryLimit", "4096"}}},
      {{{"memory.limit_in_bytes", "-1"}}, {{"MemoryLimit", "infinity"}}},
      {{{"cpu.shares", "512"}, {"blkio.bfq.weight", "50"}, {"blkio.weight", "60"}},
       {{"CPUShares", "512"}, {"BlockIOWeight", "60"}}},
      // What is said last holds; what systemd has no words for is left to MyDocker.
      {{{"memory.max", "1"}, {"pids.max", "2"}, {"memory.max", "3"}},
       {{"TasksMax", "2"}, {"MemoryMax", "3"}}},
      {{{"io.max", "8:0 rbps=1"}, {"hugetlb.2MB.max", "0"}, {"devices.deny", "a"}, {"tasks", "0"}},
       {}},
      {{{"cpuset.cpus", ""}}, {}},
  };
  for (const auto& [files, properties] : rows) EXPECT_EQ(properties_of(files), properties);
}

TEST(SystemdProperties, TurnAQuotaIntoAShareOfASecond) {
  const Told rows[] = {
      {{{"cpu.max", "50000 100000"}},
       {{"CPUQuotaPerSecUSec", "500000"}, {"CPUQuotaPeriodUSec", "100000"}}},
      {{{"cpu.max", "50000"}}, {{"CPUQuotaPerSecUSec", "500000"}}},
      {{{"cpu.max", "max 50000"}},
       {{"CPUQuotaPerSecUSec", "infinity"}, {"CPUQuotaPeriodUSec", "50000"}}},
      {{{"cpu.cfs_quota_us", "100000"}, {"cpu.cfs_period_us", "50000"}},
       {{"CPUQuotaPerSecUSec", "2000000"}, {"CPUQuotaPeriodUSec", "50000"}}},
      {{{"cpu.cfs_quota_us", "-1"}}, {{"CPUQuotaPerSecUSec", "infinity"}}},
      {{{"cpu.cfs_period_us", "50000"}}, {{"CPUQuotaPeriodUSec", "50000"}}},
      // Up to the next percent, never down.
      {{{"cpu.max", "12345 100000"}},
       {{"CPUQuotaPerSecUSec", "130000"}, {"CPUQuotaPeriodUSec", "100000"}}},
      {{{"cpu.max", "1000 100000"}},
       {{"CPUQuotaPerSecUSec", "10000"}, {"CPUQuotaPeriodUSec", "100000"}}},
      // No number that overflows.
      {{{"cpu.max", "18446744073709551615 1"}},
       {{"CPUQuotaPerSecUSec", "infinity"}, {"CPUQuotaPeriodUSec", "1"}}},
      {{{"cpu.max", ""}}, {}},
  };
  for (const auto& [files, properties] : rows) EXPECT_EQ(properties_of(files), properties);
}

TEST(SystemdProperties, NameTheDevicesThatAreAllowed) {
  const DeviceRule deny_all{false, 'a', {}, {}, "rwm"};
  const auto told = [&](std::vector<DeviceRule> rules) {
    rules.insert(rules.begin(), deny_all);
    const auto properties = device_properties(rules);
    EXPECT_EQ(properties.size(), 2U);
    EXPECT_EQ(properties.at(0), (std::pair<std::string, std::string>{"DevicePolicy", "strict"}));
    EXPECT_EQ(properties.at(1).first, "DeviceAllow");
    return properties.at(1).second;
  };
  const std::string every =
      "char-* m,block-* m,/dev/char/1:3 rwm,/dev/char/1:5 rwm,/dev/char/1:7 rwm,"
      "/dev/char/1:8 rwm,/dev/char/1:9 rwm,/dev/char/5:0 rwm,/dev/char/5:1 rwm,"
      "/dev/char/5:2 rwm,char-136 rwm";
  EXPECT_EQ(told({}), every);
  EXPECT_EQ(told({{true, 'b', 8, 0, "r"}}), every + ",/dev/block/8:0 r");
  EXPECT_EQ(told({{true, 'b', 8, {}, "rw"}}), every + ",block-8 rw");
  EXPECT_EQ(told({{true, 'a', 10, 200, "rwm"}}),
            every + ",/dev/char/10:200 rwm,/dev/block/10:200 rwm");
  // systemd has no words for these.
  EXPECT_EQ(told({{true, 'c', {}, 3, "rw"}}), every);
  EXPECT_EQ(device_properties({{true, 'a', {}, {}, "rwm"}, {false, 'c', 1, 1, "r"}}),
            UnitProperties{});
  EXPECT_EQ(device_properties({}), UnitProperties{});
}

}  // namespace
}  // namespace mydocker::systemd_units
