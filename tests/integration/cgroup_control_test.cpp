// Real cgroups of this host, of whichever versions: what is written is what the kernel says, and
// what it does to real processes.
#include <fcntl.h>
#include <linux/sched.h>
#include <poll.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <csignal>
#include <filesystem>

#include "mydocker/error.hpp"
#include "oci/stats.hpp"
#include "support/host.hpp"
#include "support/own_cgroup.hpp"
#include "sys/cgroup_tasks.hpp"
#include "sys/files.hpp"
#include "sys/oom_watch.hpp"

namespace mydocker::test {
namespace {

constexpr std::int64_t kMiB = 1 << 20;

// A number that a child counts up and the test reads.
class SharedCounter {
 public:
  SharedCounter()
      : number_(static_cast<std::atomic<unsigned>*>(
            ::mmap(nullptr, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0))) {}
  ~SharedCounter() { ::munmap(number_, 4096); }
  SharedCounter(const SharedCounter&) = delete;
  SharedCounter& operator=(const SharedCounter&) = delete;
  std::atomic<unsigned>& operator*() const { return *number_; }
  [[nodiscard]] bool moves() const {
    const unsigned before = *number_;
    return wait_until([&] { return *number_ != before; }, std::chrono::seconds(5));
  }
  [[nodiscard]] bool rests() const {
    const unsigned before = *number_;
    ::usleep(100000);
    return *number_ == before;
  }

 private:
  std::atomic<unsigned>* number_;
};

[[noreturn]] void count_up(std::atomic<unsigned>& number) {
  for (;;) {
    ++number;
    ::usleep(1000);
  }
}

void count_in(OwnCgroup& cgroup, const SharedCounter& counter) {
  auto& number = *counter;
  cgroup.start([&number]() -> int { count_up(number); });
  ASSERT_TRUE(counter.moves());
}

// The errno of open(2), or 0.
int opening(const char* path, int flags) {
  const UniqueFd fd(::open(path, flags | O_CLOEXEC | O_NOCTTY | O_NONBLOCK));
  return fd ? 0 : errno;
}

bool lies_in(const std::string& folder) { return std::filesystem::exists(folder); }

TEST(CgroupControl, WritesLimitsThatTheKernelTakes) {
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

TEST(CgroupControl, PutsAProcessInEveryHierarchyAndTakesAllAwayAgain) {
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

TEST(CgroupControl, RaisesAndLowersLimitsThatHoldTogether) {
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

TEST(CgroupControl, RefusesALimitBelowWhatIsInUse) {
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

TEST(CgroupControl, TakesAnEmptyFolderOverButNoOther) {
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

TEST(CgroupControl, FreezesAndThaws) {
  OwnCgroup cgroup({});
  const std::string folder = sys::freezer_folder(cgroup.layout(), cgroup.path());
  SharedCounter counter;
  count_in(cgroup, counter);
  EXPECT_FALSE(sys::is_frozen(folder));
  sys::freeze(folder);
  EXPECT_TRUE(sys::is_frozen(folder));
  EXPECT_TRUE(counter.rests());
  EXPECT_EQ(sys::processes_in(folder).size(), 1U);
  sys::freeze(folder);
  sys::thaw(folder);
  EXPECT_FALSE(sys::is_frozen(folder));
  EXPECT_TRUE(counter.moves());
  EXPECT_THROW(sys::freeze(folder + "-that-is-not-there"), std::system_error);
}

TEST(CgroupControl, SignalsAllWhetherFrozenOrNot) {
  for (const bool is_frozen : {false, true}) {
    OwnCgroup cgroup({});
    const std::string folder = sys::freezer_folder(cgroup.layout(), cgroup.path());
    SharedCounter counter;
    auto& number = *counter;
    const pid_t child = cgroup.start([&number]() -> int {
      for (int i = 0; i < 5; ++i) {
        if (::fork() == 0) count_up(number);
      }
      count_up(number);
    });
    ASSERT_TRUE(wait_until([&] { return sys::processes_in(folder).size() == 6; }));
    if (is_frozen) sys::freeze(folder);
    sys::signal_all(folder, SIGKILL);
    EXPECT_EQ(OwnCgroup::wait(child), 128 + SIGKILL);
    EXPECT_TRUE(wait_until([&] {
      const auto left = sys::processes_in(folder);
      // The child itself waits to be reaped by us, and v2 no longer lists it.
      return left.empty() || left == std::vector<pid_t>{child};
    })) << is_frozen;
  }
}

TEST(CgroupControl, LeavesTheFrozenFrozenButForSigkill) {
  OwnCgroup cgroup({});
  const std::string folder = sys::freezer_folder(cgroup.layout(), cgroup.path());
  SharedCounter counter;
  count_in(cgroup, counter);
  sys::freeze(folder);
  sys::signal_all(folder, SIGCONT);
  EXPECT_TRUE(sys::is_frozen(folder));
  EXPECT_TRUE(counter.rests());
  sys::thaw(folder);
  sys::signal_all(folder, SIGCONT);
  EXPECT_FALSE(sys::is_frozen(folder));
  EXPECT_TRUE(counter.moves());
}

TEST(CgroupControl, LetsNoDeviceInThatIsNotAllowed) {
  Resources resources;
  DeviceRule deny_all;
  resources.devices = {deny_all, {true, 'c', 1, 11, "r"}};
  OwnCgroup cgroup(resources);
  ASSERT_EQ(cgroup.notices().size(), 0U);
  const TemporaryFolder folder;
  const std::string node = folder.path() + "/node";
  EXPECT_EQ(cgroup.run([] { return opening("/dev/null", O_RDWR); }), 0);
  EXPECT_EQ(cgroup.run([] { return opening("/dev/full", O_RDWR); }), 0);
  EXPECT_EQ(cgroup.run([] { return opening("/dev/kmsg", O_RDONLY); }), 0);
  EXPECT_EQ(cgroup.run([] { return opening("/dev/kmsg", O_WRONLY); }), EPERM);
  EXPECT_EQ(cgroup.run([&] {
    // 1:1 is the memory of the machine: a node can be made, and not be opened.
    if (::mknod(node.c_str(), S_IFCHR | 0600, makedev(1, 1)) < 0) return 100;
    return opening(node.c_str(), O_RDONLY);
  }),
            EPERM);
  Resources update;
  update.devices = {deny_all, {true, 'c', 1, 11, "w"}};
  cgroup.update(update);
  EXPECT_EQ(cgroup.run([] { return opening("/dev/kmsg", O_RDONLY); }), EPERM);
  EXPECT_EQ(cgroup.run([] { return opening("/dev/kmsg", O_WRONLY); }), 0)
      << "the former rules are gone";
  update.devices = {{true, 'a', {}, {}, "rwm"}};
  cgroup.update(update);
  EXPECT_EQ(cgroup.run([] { return opening("/dev/kmsg", O_RDONLY); }), 0);
}

TEST(CgroupControl, TellsWhenMemoryRanOut) {
  Resources resources;
  resources.memory.limit = resources.memory.swap = 8 * kMiB;
  OwnCgroup cgroup(resources);
  sys::OomWatch watch(cgroup.layout(), cgroup.path());
  EXPECT_EQ(watch.count(), 0U);
  const auto is_told = [&](int milliseconds) {
    pollfd event{watch.fd(), POLLIN, 0};
    return ::poll(&event, 1, milliseconds) == 1;
  };
  EXPECT_FALSE(is_told(0));
  EXPECT_EQ(cgroup.run([]() -> int {
    constexpr std::size_t kSize = 64 * kMiB;
    auto* const memory = static_cast<char*>(
        ::mmap(nullptr, kSize, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0));
    for (std::size_t at = 0; at < kSize; at += 4096) memory[at] = 1;
    return 0;
  }),
            128 + SIGKILL);
  EXPECT_TRUE(is_told(5000));
  EXPECT_TRUE(wait_until([&] { return watch.count() >= 1; }));
  EXPECT_FALSE(watch.is_over() && cgroup.version("memory") == 1);
}

TEST(CgroupControl, CountsWhatIsUsed) {
  Resources resources;
  resources.memory.limit = 64 * kMiB;
  resources.pids = 9;
  OwnCgroup cgroup(resources);
  SharedCounter counter;
  count_in(cgroup, counter);
  const auto stats = oci::read_stats(cgroup.layout(), cgroup.path());
  EXPECT_EQ(stats.pids, 1U);
  EXPECT_EQ(stats.pids_limit, 9U);
  EXPECT_EQ(stats.memory.usage.limit, static_cast<std::uint64_t>(64 * kMiB));
  EXPECT_GT(stats.memory.usage.usage, 0U);
  EXPECT_GT(stats.memory.raw.size(), 10U);
  EXPECT_GT(stats.cpu.total, 0U);
  EXPECT_EQ(stats.cpu_pressure.has_value(),
            cgroup.version("cpu") == 2 && lies_in(cgroup.folder("cpu") + "/cpu.pressure"));
  const std::string json = oci::stats_json("one", stats);
  EXPECT_EQ(json.find(R"({"type":"stats","id":"one","data":{"cpu":{"usage":{"total":)"), 0U);
}

}  // namespace
}  // namespace mydocker::test
