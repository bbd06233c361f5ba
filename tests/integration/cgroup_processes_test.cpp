// Real cgroups of this host, of whichever versions, without a container: what happens to the
// processes in them.
#include <fcntl.h>
#include <poll.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>

#include <cerrno>
#include <csignal>
#include <filesystem>

#include "oci/stats.hpp"
#include "support/own_cgroup.hpp"
#include "sys/cgroup_tasks.hpp"
#include "sys/cgroups.hpp"
#include "sys/oom_watch.hpp"

namespace mydocker::test {
namespace {

constexpr std::int64_t kMiB = 1 << 20;

// The errno of open(2), or 0.
int opening(const char* path, int flags) {
  const UniqueFd fd(::open(path, flags | O_CLOEXEC | O_NOCTTY | O_NONBLOCK));
  return fd ? 0 : errno;
}

bool lies_in(const std::string& folder) { return std::filesystem::exists(folder); }

TEST(CgroupProcesses, TakesAwayWhatIsFrozen) {
  OwnCgroup cgroup({});
  const std::string folder = sys::freezer_folder(cgroup.layout(), cgroup.path());
  SharedCounter counter;
  count_in(cgroup, counter);
  sys::freeze(folder);
  std::filesystem::create_directory(folder + "/below");
  EXPECT_TRUE(sys::remove_cgroups(cgroup.layout(), cgroup.path()));
  EXPECT_FALSE(lies_in(folder));
}

TEST(CgroupProcesses, FreezesAndThaws) {
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

TEST(CgroupProcesses, SignalsAllWhetherFrozenOrNot) {
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

TEST(CgroupProcesses, LeavesTheFrozenFrozenButForSigkill) {
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

TEST(CgroupProcesses, LetsNoDeviceInThatIsNotAllowed) {
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

TEST(CgroupProcesses, TellsWhenMemoryRanOut) {
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

TEST(CgroupProcesses, CountsWhatIsUsed) {
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
