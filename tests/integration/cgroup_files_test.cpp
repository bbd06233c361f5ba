// Real cgroups of this host, of whichever versions, without a container: what is written is what the
// kernel says afterwards.
#include <sys/mman.h>
#include <sys/stat.h>

#include <algorithm>
#include <filesystem>
#include <optional>

#include "mydocker/error.hpp"
#include "support/own_cgroup.hpp"
#include "sys/cgroup_tasks.hpp"
#include "sys/cgroups.hpp"
#include "sys/files.hpp"

namespace mydocker::test {
namespace {

constexpr std::int64_t kMiB = 1 << 20;

bool lies_in(const std::string& folder) { return std::filesystem::exists(folder); }

TEST(CgroupFiles, WritesLimitsThatTheKernelTakes) {
  Resources resources;
  resources.memory.limit = 64 * kMiB;
  resources.memory.swap = 96 * kMiB;
  resources.memory.reservation = 32 * kMiB;
  resources.cpu.shares = 512;
  resources.cpu.quota = 20000;
  resources.cpu.period = 50000;
  resources.cpu.burst = 5000;
  resources.cpu.cpus = "0";
  resources.cpu.mems = "0";
  resources.pids = 20;
  const OwnCgroup cgroup(resources);
  if (cgroup.version("memory") == 2) {
    EXPECT_EQ(cgroup.file("memory", "memory.max"), "67108864");
    EXPECT_EQ(cgroup.file("memory", "memory.swap.max"), "33554432");
    EXPECT_EQ(cgroup.file("memory", "memory.low"), "33554432");
  } else {
    EXPECT_EQ(cgroup.file("memory", "memory.limit_in_bytes"), "67108864");
    EXPECT_EQ(cgroup.file("memory", "memory.memsw.limit_in_bytes"), "100663296");
    EXPECT_EQ(cgroup.file("memory", "memory.soft_limit_in_bytes"), "33554432");
  }
  if (cgroup.version("cpu") == 2) {
    EXPECT_EQ(cgroup.file("cpu", "cpu.weight"), "59");
    EXPECT_EQ(cgroup.file("cpu", "cpu.max"), "20000 50000");
    EXPECT_EQ(cgroup.file("cpu", "cpu.max.burst"), "5000");
  } else {
    EXPECT_EQ(cgroup.file("cpu", "cpu.shares"), "512");
    EXPECT_EQ(cgroup.file("cpu", "cpu.cfs_quota_us"), "20000");
    EXPECT_EQ(cgroup.file("cpu", "cpu.cfs_period_us"), "50000");
    EXPECT_EQ(cgroup.file("cpu", "cpu.cfs_burst_us"), "5000");
  }
  EXPECT_EQ(cgroup.file("cpuset", "cpuset.cpus"), "0");
  EXPECT_EQ(cgroup.file("pids", "pids.max"), "20");
}

// "8:0" of some disk, or nothing.
std::optional<std::pair<std::int64_t, std::int64_t>> some_disk() {
  for (const auto& name : sys::names_in("/sys/block")) {
    if (name.starts_with("loop") || name.starts_with("ram") || name.starts_with("zram")) continue;
    const std::string number = sys::try_read_file("/sys/block/" + name + "/dev").value_or("");
    const auto colon = number.find(':');
    if (colon == std::string::npos) continue;
    return std::pair{std::stoll(number), std::stoll(number.substr(colon + 1))};
  }
  return std::nullopt;
}

TEST(CgroupFiles, WritesWhatEachVersionHas) {
  Resources resources;
  const auto disk = some_disk();
  if (disk) resources.block_io.read_bps = {{disk->first, disk->second, 1048576}};
  OwnCgroup probe({});
  const bool has_huge_pages =
      probe.version("hugetlb") != 0 && lies_in("/sys/kernel/mm/hugepages/hugepages-2048kB");
  if (has_huge_pages) resources.hugepages = {{"2MB", 4194304}};
  if (probe.version("memory") == 2) {
    resources.unified = {{"memory.high", "33554432"}};
  } else {
    resources.memory.swappiness = 10;
    resources.memory.disable_oom_killer = true;
    resources.memory.use_hierarchy = true;
    resources.memory.kernel_tcp = 16 * kMiB;
    resources.cpu.realtime_period = 1000000;
    resources.cpu.realtime_runtime = 0;
  }
  const OwnCgroup cgroup(resources);
  if (disk && cgroup.version("io") == 2) {
    EXPECT_NE(cgroup.file("io", "io.max").find("rbps=1048576"), std::string::npos);
  }
  if (disk && cgroup.version("blkio") == 1) {
    EXPECT_NE(cgroup.file("blkio", "blkio.throttle.read_bps_device").find(" 1048576"),
              std::string::npos);
  }
  if (has_huge_pages && cgroup.version("hugetlb") == 2) {
    EXPECT_EQ(cgroup.file("hugetlb", "hugetlb.2MB.max"), "4194304");
  }
  if (cgroup.version("memory") == 2) {
    EXPECT_EQ(cgroup.file("memory", "memory.high"), "33554432");
  } else {
    EXPECT_EQ(cgroup.file("memory", "memory.swappiness"), "10");
    EXPECT_EQ(cgroup.file("memory", "memory.oom_control").find("oom_kill_disable 1"), 0U);
    EXPECT_EQ(cgroup.file("memory", "memory.kmem.tcp.limit_in_bytes"), "16777216");
  }
}

TEST(CgroupFiles, SaysWhichPropertyTheKernelRefused) {
  Resources resources;
  resources.cpu.cpus = "4000";
  try {
    const OwnCgroup cgroup(resources);
    ADD_FAILURE() << "there are 4000 processors";
  } catch (const SetupError& error) {
    EXPECT_NE(error.doing().find("cpuset.cpus"), std::string::npos) << error.doing();
    EXPECT_NE(error.hint(), "");
  }
}

TEST(CgroupFiles, IsGivenToAUserButForItsLimits) {
  OwnCgroup cgroup({});
  for (const auto& hierarchy : cgroup.layout().hierarchies) {
    if (hierarchy.version != 2) continue;
    const std::string folder = cgroup_folder(hierarchy, cgroup.path());
    sys::give_cgroup(folder, 4711);
    const auto owner = [&](const std::string& file) {
      struct stat info {};
      return ::stat((folder + file).c_str(), &info) == 0 ? info.st_uid : uid_t{77};
    };
    EXPECT_EQ(owner(""), 4711U);
    EXPECT_EQ(owner("/cgroup.procs"), 4711U);
    EXPECT_EQ(owner("/cgroup.subtree_control"), 4711U);
    EXPECT_EQ(owner("/cgroup.max.depth"), 0U);
  }
}

TEST(CgroupFiles, PutsAProcessInEveryHierarchyAndTakesAllAwayAgain) {
  std::vector<std::string> folders;
  {
    OwnCgroup cgroup({});
    const pid_t child = cgroup.start([]() -> int {
      ::pause();
      return 0;
    });
    const std::size_t wanted = cgroup.layout().hierarchies.size();
    EXPECT_TRUE(wait_until([&] {
      folders = sys::cgroup_folders_of(child, cgroup.layout());
      return std::count_if(folders.begin(), folders.end(), [&](const std::string& folder) {
               return folder.ends_with("/" + cgroup.path());
             }) == static_cast<std::ptrdiff_t>(wanted);
    }));
    for (const auto& folder : folders) EXPECT_TRUE(lies_in(folder)) << folder;
  }
  for (const auto& folder : folders) EXPECT_FALSE(lies_in(folder)) << folder;
}

TEST(CgroupFiles, RaisesAndLowersLimitsThatHoldTogether) {
  Resources resources;
  resources.memory.limit = resources.memory.swap = 64 * kMiB;
  resources.cpu.quota = 20000;
  OwnCgroup cgroup(resources);
  const auto expect = [&](const std::string& limit, const std::string& together) {
    if (cgroup.version("memory") == 2) {
      EXPECT_EQ(cgroup.file("memory", "memory.max"), limit);
      EXPECT_EQ(cgroup.file("memory", "memory.swap.max"), "0");
    } else {
      EXPECT_EQ(cgroup.file("memory", "memory.limit_in_bytes"), limit);
      EXPECT_EQ(cgroup.file("memory", "memory.memsw.limit_in_bytes"), together);
    }
  };
  Resources update;
  for (const std::int64_t size : {256 * kMiB, 32 * kMiB, 128 * kMiB}) {
    update.memory.limit = update.memory.swap = size;
    cgroup.update(update);
    expect(std::to_string(size), std::to_string(size));
  }
  Resources slower;
  slower.cpu.period = 200000;
  cgroup.update(slower);
  if (cgroup.version("cpu") == 2)
    EXPECT_EQ(cgroup.file("cpu", "cpu.max"), "20000 200000") << "the quota is as it was";
  else
    EXPECT_EQ(cgroup.file("cpu", "cpu.cfs_period_us"), "200000");
  Resources unlimited;
  unlimited.memory.limit = -1;
  unlimited.cpu.quota = -1;
  unlimited.pids = -1;
  cgroup.update(unlimited);
  EXPECT_EQ(cgroup.file("pids", "pids.max"), "max");
}

TEST(CgroupFiles, RefusesALimitBelowWhatIsInUse) {
  Resources resources;
  resources.memory.limit = resources.memory.swap = 64 * kMiB;
  OwnCgroup cgroup(resources);
  SharedCounter counter;
  auto& number = *counter;
  cgroup.start([&number]() -> int {
    constexpr std::size_t kSize = 16 * kMiB;
    auto* const memory = static_cast<char*>(
        ::mmap(nullptr, kSize, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0));
    for (std::size_t at = 0; at < kSize; at += 4096) memory[at] = 1;
    count_up(number);
  });
  ASSERT_TRUE(counter.moves());
  Resources less;
  less.memory.limit = 4 * kMiB;
  less.memory.check_before_update = true;
  EXPECT_THROW(cgroup.update(less), SetupError);
  EXPECT_TRUE(counter.moves()) << "nobody was killed for it";
}

TEST(CgroupFiles, TakesAnEmptyFolderOverButNoOther) {
  Resources resources;
  resources.pids = 5;
  OwnCgroup cgroup(resources);
  const auto again = [&] {
    Context context;
    LinuxExecutor executor(context);
    const auto& all = cgroup.layout().hierarchies;
    const auto* const pids = cgroup.layout().find("pids");
    executor.perform(
        {MakeCgroup{pids->version, pids->mount_point, cgroup.path(), {}, {}, false, true},
         "",
         {},
         "cgroup"});
    return all.size();
  };
  EXPECT_NO_THROW(again());
  SharedCounter counter;
  count_in(cgroup, counter);
  EXPECT_THROW(again(), SetupError);
}

}  // namespace
}  // namespace mydocker::test
