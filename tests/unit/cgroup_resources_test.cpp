// Each property of linux.resources, and the files that it becomes in both versions of cgroups.
#include "namespaces/cgroup/resources.hpp"

#include "unit/cgroup_samples.hpp"

namespace mydocker::test {
namespace {

constexpr std::int64_t kMiB = 1 << 20;

Resources memory_of(MemoryResources memory) {
  Resources out;
  out.memory = std::move(memory);
  return out;
}

Resources cpu_of(CpuResources cpu) {
  Resources out;
  out.cpu = std::move(cpu);
  return out;
}

TEST(CgroupMemory, IsTheSameLimitInBothWords) {
  const Resources both = memory_of({.limit = 64 * kMiB, .reservation = kMiB, .swap = 96 * kMiB});
  EXPECT_EQ(written(both, host_of_v1()),
            (Files{"memory/pods/one/memory.limit_in_bytes=67108864",
                   "memory/pods/one/memory.memsw.limit_in_bytes=100663296",
                   "memory/pods/one/memory.soft_limit_in_bytes=1048576"}));
  EXPECT_EQ(written(both, host_of_v2()),
            (Files{"pods/one/memory.max=67108864", "pods/one/memory.swap.max=33554432",
                   "pods/one/memory.low=1048576"}));
}

TEST(CgroupMemory, WithoutALimitIsUnlimitedWithItsSwap) {
  const Resources none = memory_of({.limit = -1});
  EXPECT_EQ(written(none, host_of_v1()), (Files{"memory/pods/one/memory.limit_in_bytes=-1",
                                                "memory/pods/one/memory.memsw.limit_in_bytes=-1"}));
  EXPECT_EQ(written(none, host_of_v2()),
            (Files{"pods/one/memory.max=max", "pods/one/memory.swap.max=max"}));
  EXPECT_EQ(written(memory_of({.limit = kMiB, .swap = -1}), host_of_v2()),
            (Files{"pods/one/memory.max=1048576", "pods/one/memory.swap.max=max"}));
}

// v1 refuses a memory limit above the limit of memory and swap together, at any moment.
TEST(CgroupMemory, IsRaisedAndLoweredInTheOrderThatTheKernelTakes) {
  HostFacts host = host_of_v1();
  host.cgroup_now.memory_limit = 64 * kMiB;
  host.cgroup_now.memory_and_swap = 128 * kMiB;
  const auto first = [&](std::int64_t limit, std::int64_t swap) {
    const std::string file = written(memory_of({.limit = limit, .swap = swap}), host).at(0);
    return file.find("memsw") != std::string::npos ? "memsw" : "memory";
  };
  EXPECT_STREQ(first(256 * kMiB, 256 * kMiB), "memsw") << "raised";
  EXPECT_STREQ(first(-1, -1), "memsw");
  EXPECT_STREQ(first(32 * kMiB, 32 * kMiB), "memory") << "lowered";
  EXPECT_STREQ(first(128 * kMiB, 128 * kMiB), "memory");
}

TEST(CgroupMemory, NeedsASwapFileOnlyWhereThereIsSwapToLimit) {
  HostFacts host = host_of_v2();
  const auto policy = [&](std::int64_t swap) {
    const auto plan =
        cgroup::plan_update(request_of(memory_of({.limit = kMiB, .swap = swap})), host);
    return std::get<WriteFile>(plan.prepare.at(1).action).missing;
  };
  EXPECT_EQ(policy(kMiB), Missing::is_an_error);
  EXPECT_EQ(policy(-1), Missing::is_fine);
  host.has_swap = false;
  EXPECT_EQ(policy(kMiB), Missing::is_fine);
}

TEST(CgroupMemory, OfSwapAloneTakesTheLimitThatIsThere) {
  HostFacts host = host_of_v2();
  EXPECT_EQ(refused(memory_of({.swap = kMiB}), host).find("set memory.swap: "), 0U);
  host.cgroup_now.memory_limit = kMiB / 4;
  EXPECT_EQ(written(memory_of({.swap = kMiB}), host), (Files{"pods/one/memory.swap.max=786432"}));
  EXPECT_EQ(refused(memory_of({.limit = 2 * kMiB, .swap = kMiB}), host).find("set memory.swap: "),
            0U);
}

TEST(CgroupMemory, IsNotLoweredBelowItsUseWhereThatIsAskedFor) {
  HostFacts host = host_of_v2();
  host.cgroup_now.memory_usage = 2 * kMiB;
  const auto answer = [&](std::int64_t limit, bool check) {
    return refused(memory_of({.limit = limit, .check_before_update = check}), host);
  };
  EXPECT_EQ(answer(kMiB, true), "set memory.limit: 2097152 bytes are in use already");
  EXPECT_EQ(answer(kMiB, false), "it was accepted");
  EXPECT_EQ(answer(3 * kMiB, true), "it was accepted");
  EXPECT_EQ(answer(-1, true), "it was accepted");
}

TEST(CgroupMemory, OfV1AloneIsRefusedOrWarnedOfOnV2) {
  const Resources kernel = memory_of({.kernel = kMiB, .kernel_tcp = kMiB});
  EXPECT_EQ(written(kernel, host_of_v1()),
            (Files{"memory/pods/one/memory.kmem.limit_in_bytes=1048576",
                   "memory/pods/one/memory.kmem.tcp.limit_in_bytes=1048576"}));
  EXPECT_EQ(noticed(kernel, host_of_v1()).size(), 1U) << "newer kernels do not enforce it";
  EXPECT_EQ(written(kernel, host_of_v2()), Files{});
  EXPECT_EQ(noticed(kernel, host_of_v2()).size(), 2U);
  EXPECT_EQ(noticed(memory_of({.kernel = -1, .kernel_tcp = -1}), host_of_v2()).size(), 0U);

  EXPECT_EQ(written(memory_of({.swappiness = 0, .disable_oom_killer = true, .use_hierarchy = true}),
                    host_of_v1()),
            (Files{"memory/pods/one/memory.use_hierarchy=1", "memory/pods/one/memory.swappiness=0",
                   "memory/pods/one/memory.oom_control=1"}));
  EXPECT_EQ(refused(memory_of({.swappiness = 0}), host_of_v2()),
            "set memory.swappiness: cgroup v2 has no swappiness of a cgroup's own");
  EXPECT_EQ(refused(memory_of({.disable_oom_killer = true}), host_of_v2()),
            "set memory.disableOOMKiller: cgroup v2 cannot do without the OOM killer");
  EXPECT_EQ(refused(memory_of({.use_hierarchy = false}), host_of_v2()),
            "set memory.useHierarchy: cgroup v2 always counts what runs in folders below");
  EXPECT_EQ(written(memory_of({.disable_oom_killer = false, .use_hierarchy = true}), host_of_v2()),
            Files{})
      << "so it is anyway";
}

TEST(CgroupCpu, HasTheDefaultInTheDefaultsPlace) {
  const std::pair<std::uint64_t, std::uint64_t> table[] = {
      {0, 1},      {2, 1},      {10, 4},      {1000, 99},      {1024, 100},
      {2000, 170}, {2048, 174}, {10240, 639}, {262144, 10000}, {1000000, 10000}};
  for (const auto& [shares, weight] : table)
    EXPECT_EQ(cgroup::v2::cpu_weight(shares), weight) << shares;
}

TEST(CgroupCpu, IsSharedLimitedAndPinned) {
  const Resources all = cpu_of({.shares = 1024,
                                .quota = 50000,
                                .burst = 1000,
                                .period = 100000,
                                .cpus = "0-1",
                                .mems = "0",
                                .idle = 1});
  EXPECT_EQ(written(all, host_of_v1()),
            (Files{"cpu/pods/one/cpu.shares=1024", "cpu/pods/one/cpu.idle=1",
                   "cpu/pods/one/cpu.cfs_period_us=100000", "cpu/pods/one/cpu.cfs_quota_us=50000",
                   "cpu/pods/one/cpu.cfs_burst_us=1000", "cpuset/pods/one/cpuset.cpus=0-1",
                   "cpuset/pods/one/cpuset.mems=0"}));
  EXPECT_EQ(
      written(all, host_of_v2()),
      (Files{"pods/one/cpu.weight=100", "pods/one/cpu.idle=1", "pods/one/cpu.max=50000 100000",
             "pods/one/cpu.max.burst=1000", "pods/one/cpuset.cpus=0-1", "pods/one/cpuset.mems=0"}));
  EXPECT_EQ(written(cpu_of({.shares = 2, .idle = 0}), host_of_v2()),
            (Files{"pods/one/cpu.idle=0", "pods/one/cpu.weight=1"}))
      << "an idle group takes no weight, so that it is woken first";
}

TEST(CgroupCpu, KeepsOfQuotaAndPeriodWhatIsNotGiven) {
  EXPECT_EQ(written(cpu_of({.quota = 5000}), host_of_v2()), (Files{"pods/one/cpu.max=5000"}));
  EXPECT_EQ(written(cpu_of({.quota = -1}), host_of_v2()), (Files{"pods/one/cpu.max=max"}));
  EXPECT_EQ(written(cpu_of({.period = 5000}), host_of_v2()), (Files{"pods/one/cpu.max=max 5000"}));
  HostFacts host = host_of_v2();
  host.cgroup_now.cpu_quota = 7000;
  EXPECT_EQ(written(cpu_of({.period = 9000}), host), (Files{"pods/one/cpu.max=7000 9000"}));
}

TEST(CgroupCpu, NeverHasMoreThanBothItsLimitsSayInBetween) {
  HostFacts host = host_of_v1();
  host.cgroup_now.cpu_quota = 50000;
  host.cgroup_now.cpu_period = 100000;
  const auto files = [&](std::int64_t quota, std::uint64_t period) {
    return written(cpu_of({.quota = quota, .period = period}), host);
  };
  EXPECT_EQ(files(25000, 50000).at(0), "cpu/pods/one/cpu.cfs_quota_us=25000");
  EXPECT_EQ(files(100000, 200000).at(0), "cpu/pods/one/cpu.cfs_period_us=200000");
  // The burst is never above the quota either.
  const auto first = [&](std::int64_t quota, std::uint64_t burst) {
    return written(cpu_of({.quota = quota, .burst = burst}), host).at(0);
  };
  EXPECT_EQ(first(60000, 60000), "cpu/pods/one/cpu.cfs_quota_us=60000");
  EXPECT_EQ(first(10000, 10000), "cpu/pods/one/cpu.cfs_burst_us=10000");
}

TEST(CgroupCpu, DividesRealtimeOnV1Alone) {
  const Resources realtime = cpu_of({.realtime_runtime = 950, .realtime_period = 1000});
  EXPECT_EQ(written(realtime, host_of_v1()),
            (Files{"cpu/pods/one/cpu.rt_period_us=1000", "cpu/pods/one/cpu.rt_runtime_us=950"}));
  EXPECT_EQ(refused(realtime, host_of_v2()),
            "set cpu.realtimeRuntime: cgroup v2 does not divide realtime");
}

TEST(CgroupPids, AreANumberOrNoLimit) {
  const auto file = [](std::int64_t limit) {
    Resources resources;
    resources.pids = limit;
    EXPECT_EQ(written(resources, host_of_v1()).at(0).substr(5),
              written(resources, host_of_v2()).at(0));
    return written(resources, host_of_v2());
  };
  EXPECT_EQ(file(20), (Files{"pods/one/pids.max=20"}));
  EXPECT_EQ(file(-1), (Files{"pods/one/pids.max=max"}));
  EXPECT_EQ(file(0), (Files{"pods/one/pids.max=0"}));
}

TEST(CgroupBlockIo, IsWeighedAndThrottled) {
  Resources all;
  all.block_io.weight = 500;
  all.block_io.devices = {{8, 0, 300, {}}};
  all.block_io.read_bps = {{8, 0, 1000}};
  all.block_io.write_bps = {{8, 0, 2000}};
  all.block_io.read_iops = {{8, 0, 30}};
  all.block_io.write_iops = {{8, 16, 0}};
  EXPECT_EQ(written(all, host_of_v1()),
            (Files{"blkio/pods/one/blkio.bfq.weight=500 | blkio/pods/one/blkio.weight=500",
                   "blkio/pods/one/blkio.bfq.weight_device=8:0 300 | "
                   "blkio/pods/one/blkio.weight_device=8:0 300",
                   "blkio/pods/one/blkio.throttle.read_bps_device=8:0 1000",
                   "blkio/pods/one/blkio.throttle.write_bps_device=8:0 2000",
                   "blkio/pods/one/blkio.throttle.read_iops_device=8:0 30",
                   "blkio/pods/one/blkio.throttle.write_iops_device=8:16 0"}));
  EXPECT_EQ(written(all, host_of_v2()),
            (Files{"pods/one/io.bfq.weight=500 | pods/one/io.weight=default 4950",
                   "pods/one/io.bfq.weight=8:0 300 | pods/one/io.weight=8:0 2930",
                   "pods/one/io.max=8:0 rbps=1000", "pods/one/io.max=8:0 wbps=2000",
                   "pods/one/io.max=8:0 riops=30", "pods/one/io.max=8:16 wiops=max"}));
}

TEST(CgroupBlockIo, CountsFromTheLeastToTheMost) {
  EXPECT_EQ(cgroup::v2::io_weight(10), 1U);
  EXPECT_EQ(cgroup::v2::io_weight(100), 910U);
  EXPECT_EQ(cgroup::v2::io_weight(1000), 10000U);
}

TEST(CgroupBlockIo, WarnsOfAWeightThatNobodyHonours) {
  Resources weights;
  weights.block_io.weight = 500;
  HostFacts host = host_of_v2();
  EXPECT_EQ(noticed(weights, host).size(), 0U);
  host.io_weight_works = false;
  ASSERT_EQ(noticed(weights, host).size(), 1U);
  EXPECT_EQ(noticed(weights, host).at(0).find("blockIO.weight has no effect"), 0U);
  weights.block_io.leaf_weight = 10;
  weights.block_io.devices = {{8, 0, {}, 10}};
  EXPECT_EQ(noticed(weights, host).size(), 3U);
  EXPECT_EQ(noticed(weights, host_of({})).size(), 3U);
}

TEST(CgroupHugepages, AreLimitedAtMmapWhereTheKernelCan) {
  Resources pages;
  pages.hugepages = {{"2MB", 4194304}};
  EXPECT_EQ(written(pages, host_of_v1()),
            (Files{"hugetlb/pods/one/hugetlb.2MB.limit_in_bytes=4194304",
                   "hugetlb/pods/one/hugetlb.2MB.rsvd.limit_in_bytes=4194304"}));
  EXPECT_EQ(written(pages, host_of_both()),
            (Files{"unified/pods/one/hugetlb.2MB.max=4194304",
                   "unified/pods/one/hugetlb.2MB.rsvd.max=4194304"}));
  pages.hugepages = {{"../2MB", 4194304}};
  EXPECT_EQ(refused(pages, host_of_v1()).find("set hugepageLimits: '../2MB'"), 0U);
}

TEST(CgroupNetwork, IsKnownToV1Alone) {
  Resources network;
  network.network.class_id = 0x100001;
  network.network.priorities = {{"eth0", 5}, {"lo", 0}};
  EXPECT_EQ(written(network, host_of_v1()), (Files{"net_cls/pods/one/net_cls.classid=1048577",
                                                   "net_cls/pods/one/net_prio.ifpriomap=eth0 5",
                                                   "net_cls/pods/one/net_prio.ifpriomap=lo 0"}));
  EXPECT_EQ(
      refused(network, host_of_v2()).find("set network.classID: this host mounts no 'net_cls'"),
      0U);
  network.network.class_id.reset();
  EXPECT_EQ(
      refused(network, host_of_v2()).find("set network.priorities: this host mounts no 'net_prio'"),
      0U);
}

TEST(CgroupRdma, IsTheSameInBoth) {
  Resources rdma;
  rdma.rdma = {{"mlx5_1", 3, 10000}, {"mlx4_0", {}, 7}};
  EXPECT_EQ(written(rdma, host_of_v2()),
            (Files{"pods/one/rdma.max=mlx5_1 hca_handle=3 hca_object=10000",
                   "pods/one/rdma.max=mlx4_0 hca_object=7"}));
  EXPECT_EQ(written(rdma, host_of_v1()).size(), 2U);
}

TEST(CgroupUnified, IsWrittenAsItIsALineAtATime) {
  Resources resources;
  resources.unified = {{"memory.high", "1000"},
                       {"io.max", "8:0 rbps=1\n8:16 wiops=2\n"},
                       {"cgroup.max.depth", "3"},
                       {"misc.max", "x 1"}};
  EXPECT_EQ(written(resources, host_of_v2()),
            (Files{"pods/one/memory.high=1000", "pods/one/io.max=8:0 rbps=1",
                   "pods/one/io.max=8:16 wiops=2", "pods/one/cgroup.max.depth=3",
                   "pods/one/misc.max=x 1"}));
}

TEST(CgroupUnified, IsRefusedWhereItHasNoPlace) {
  const auto answer = [](const std::string& key, const HostFacts& host) {
    Resources resources;
    resources.unified = {{key, "1"}};
    return refused(resources, host);
  };
  EXPECT_EQ(answer("memory.high", host_of_v1()),
            "set unified 'memory.high': this host has no cgroup v2");
  EXPECT_EQ(answer("memory.high", host_of_both()),
            "set unified 'memory.high': this host has 'memory' in cgroup v1");
  EXPECT_EQ(answer("none.max", host_of_v2()),
            "set unified 'none.max': cgroup v2 of this host has no controller 'none'");
  EXPECT_EQ(answer("hugetlb.2MB.max", host_of_both()), "it was accepted");
  for (const char* const key : {"", ".", "..", "../memory.max", "memory/../x"})
    EXPECT_NE(answer(key, host_of_v2()), "it was accepted") << key;
}

TEST(CgroupLimits, WithoutTheirControllerAreErrorsThatNameBoth) {
  const auto answer = [](const Resources& resources) { return refused(resources, host_of({})); };
  Resources pids, throttled, huge;
  pids.pids = 4;
  throttled.block_io.read_bps = {{8, 0, 1}};
  huge.hugepages = {{"2MB", 1}};
  EXPECT_EQ(answer(memory_of({.limit = kMiB}))
                .find("set memory.limit: this host mounts no 'memory' controller"),
            0U);
  EXPECT_EQ(answer(pids).find("set pids.limit: this host mounts no 'pids'"), 0U);
  EXPECT_EQ(answer(cpu_of({.cpus = "0"})).find("set cpu.cpus: this host mounts no 'cpuset'"), 0U);
  EXPECT_EQ(answer(cpu_of({.quota = 5})).find("set cpu.quota: this host mounts no 'cpu'"), 0U);
  EXPECT_EQ(answer(throttled).find("set blockIO.throttleReadBpsDevice: "), 0U);
  EXPECT_EQ(answer(huge).find("set hugepageLimits: this host mounts no 'hugetlb'"), 0U);
  EXPECT_EQ(noticed(cpu_of({.shares = 5}), host_of({})),
            (Files{"cpu.shares has no effect: this host mounts no 'cpu' controller"}))
      << "a share is no promise";
}

TEST(CgroupResources, ThatAreNotGivenWriteNothing) {
  for (const auto& host : {host_of_v1(), host_of_v2(), host_of_both(), host_of({})}) {
    EXPECT_EQ(written({}, host), Files{});
    EXPECT_EQ(noticed({}, host), Files{});
  }
}

}  // namespace
}  // namespace mydocker::test
