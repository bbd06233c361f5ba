// Limits while a container runs, read from outside; in both layouts, v1 and v2.
#include <algorithm>
#include <array>
#include <csignal>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <thread>

#include "helpers/text.hpp"
#include "support/host.hpp"
#include "support/run.hpp"

namespace mydocker::test {
namespace {

using Words = std::vector<std::string>;

// A container that sleeps under a name of its own, with `options`.
class Sleeping {
 public:
  explicit Sleeping(const Words& options) : program_(command(options)) {
    EXPECT_TRUE(wait_until([&] { return !processes_with(seconds_, "/bin/sleep").empty(); }));
  }
  [[nodiscard]] const std::string& id() const { return id_; }
  Result end() {
    program_.signal(SIGTERM);
    return program_.wait();
  }

 private:
  Words command(const Words& options) {
    Words words{binary(), "--name", id_};
    words.insert(words.end(), options.begin(), options.end());
    words.insert(words.end(), {"/bin/sleep", seconds_});
    return words;
  }
  std::string id_ = unique_id("limits"), seconds_ = unique_seconds();
  Running program_;
};

// The value of a weight file: "20", or "default 20".
std::string weight_of(const std::string& text) { return text.substr(text.rfind(' ') + 1); }

void expect_file(const std::string& id, const std::string& controller, const std::string& v2_file,
                 const std::string& v1_file, const std::string& v2_text,
                 const std::string& v1_text) {
  const int version = cgroup_version(controller);
  const auto text = cgroup_file(id, controller, v2_file, v1_file);
  ASSERT_TRUE(text) << controller << " v" << version;
  EXPECT_EQ(*text, version == 2 ? v2_text : v1_text) << controller << " v" << version;
}

void expect_io_weight(const std::string& id, const std::string& weight) {
  for (const auto& [controller, v2_file, v1_file] :
       {std::array<std::string, 3>{"io", "io.bfq.weight", ""},
        {"io", "io.weight", ""},
        {"blkio", "", "blkio.bfq.weight"},
        {"blkio", "", "blkio.weight"}}) {
    if (cgroup_version(controller) != (v2_file.empty() ? 1 : 2)) continue;
    // The first of them that the kernel has takes it.
    if (const auto text = cgroup_file(id, controller, v2_file, v1_file)) {
      EXPECT_EQ(weight_of(*text), weight);
      return;
    }
  }
}

bool a_disk_honours_weights() {
  for (const auto& disk : std::filesystem::directory_iterator("/sys/block")) {
    std::ifstream file(disk.path() / "queue" / "scheduler");
    std::stringstream text;
    text << file.rdbuf();
    if (text.str().find("[bfq]") != std::string::npos) return true;
  }
  return false;
}

bool has_line(std::string_view text, pid_t pid) {
  const auto lines = text::words(text);
  return std::find(lines.begin(), lines.end(), std::to_string(pid)) != lines.end();
}

TEST(CgroupLimits, OfTheExampleAreInTheHostsFilesWhileItRuns) {
  for (const char* const mode : {"-ac", "-aUc"}) {
    Sleeping container({mode, "-C", "50", "-I", "20", "-P", "333"});
    const std::string& id = container.id();
    expect_file(id, "memory", "memory.max", "memory.limit_in_bytes", "1073741824", "1073741824");
    expect_file(id, "cpu", "cpu.weight", "cpu.shares", "50", "512");
    expect_file(id, "pids", "pids.max", "pids.max", "333", "333");
    expect_io_weight(id, "20");
    EXPECT_EQ(container.end().status, 143);
    EXPECT_EQ(leftovers(id), Words{});
  }
}

TEST(CgroupLimits, ThatWereNotGivenTakeTheirDefaults) {
  Sleeping container({"-ac", "-M", "100m"});
  const std::string& id = container.id();
  expect_file(id, "memory", "memory.max", "memory.limit_in_bytes", "104857600", "104857600");
  expect_file(id, "cpu", "cpu.weight", "cpu.shares", "25", "256");
  expect_file(id, "pids", "pids.max", "pids.max", "64", "64");
  expect_io_weight(id, "10");
}

TEST(CgroupLimits, CountSwapAsMemory) {
  Sleeping container({"-ac", "-M", "100m"});
  const auto swap =
      cgroup_file(container.id(), "memory", "memory.swap.max", "memory.memsw.limit_in_bytes");
  // A kernel without swap accounting and a host without swap need no such file.
  if (swap) {
    EXPECT_EQ(*swap, cgroup_version("memory") == 2 ? "0" : "104857600");
  }
}

TEST(CgroupLimits, HoldEveryDescendant) {
  const std::string id = unique_id("limits");
  const std::string near = unique_seconds(), far = unique_seconds();
  Running program({binary(), "-aUc", "-P", "50", "--name", id, "/bin/bash", "-c",
                   "(setsid /bin/sleep " + far + " & ) & exec /bin/sleep " + near});
  const auto both_run = [&] {
    return processes_with(near, "/bin/sleep").size() == 1 &&
           processes_with(far, "/bin/sleep").size() == 1;
  };
  ASSERT_TRUE(wait_until(both_run));
  for (const char* const controller : {"memory", "cpu", "pids"}) {
    const auto inside = cgroup_file(id, controller, "cgroup.procs", "cgroup.procs");
    ASSERT_TRUE(inside) << controller;
    EXPECT_TRUE(has_line(*inside, processes_with(near, "/bin/sleep").front())) << controller;
    EXPECT_TRUE(has_line(*inside, processes_with(far, "/bin/sleep").front())) << controller;
  }
  program.signal(SIGTERM);
  EXPECT_EQ(program.wait().status, 143);
  EXPECT_TRUE(processes_with(far, "/bin/sleep").empty());
  EXPECT_EQ(leftovers(id), Words{});
}

TEST(CgroupLimits, StopAForkBombWhileTheHostStaysResponsive) {
  constexpr std::uint64_t kLimit = 20;
  const std::string id = unique_id("bomb"), seconds = unique_seconds();
  Running program({binary(), "-aUc", "-P", "20", "--name", id, "/bin/bash", "-c",
                   "bomb() { bomb | bomb & }; bomb & exec /bin/sleep " + seconds});
  std::uint64_t most = 0;
  const auto count = [&] {
    const auto current = cgroup_file(id, "pids", "pids.current", "pids.current");
    const auto listed = cgroup_file(id, "pids", "cgroup.procs", "cgroup.procs");
    if (!current || !listed) return most;
    most = std::max<std::uint64_t>(most, std::stoull(*current));
    most = std::max<std::uint64_t>(most, text::words(*listed).size());
    return most;
  };
  EXPECT_TRUE(wait_until([&] { return count() >= kLimit; })) << most;
  const auto begin = std::chrono::steady_clock::now();
  while (std::chrono::steady_clock::now() - begin < std::chrono::seconds(1)) (void)count();
  // One that is refused is counted for a moment: on each processor there may be one.
  EXPECT_GE(most, kLimit);
  EXPECT_LE(most, kLimit + std::thread::hardware_concurrency());
  EXPECT_EQ(run({"/bin/true"}).status, 0);
  program.signal(SIGTERM);
  const Result result = program.wait();
  EXPECT_EQ(result.status, 143);
  EXPECT_NE(result.err.find("MyDocker: pids limit 20 reached: "), std::string::npos) << result.err;
  EXPECT_NE(result.err.find(" refused\n"), std::string::npos) << result.err;
  EXPECT_EQ(leftovers(id), Words{});
}

TEST(CgroupLimits, SayOnceWhereAnIoWeightHasNoEffect) {
  const Result result = mydocker({"-ac", "-I", "20", "/bin/true"});
  EXPECT_EQ(result.status, 0);
  EXPECT_EQ(result.out, "");
  const auto lines = text::split(result.err, '\n');
  const auto said = std::count_if(lines.begin(), lines.end(), [](std::string_view line) {
    return line.starts_with("MyDocker: warning: -I has no effect");
  });
  EXPECT_EQ(said, a_disk_honours_weights() ? 0 : 1) << result.err;
}

TEST(CgroupLimits, AreSilentAboutAnIoWeightThatNobodyAskedFor) {
  EXPECT_EQ(mydocker({"-ac", "-M", "100m", "/bin/true"}).err.find("-I"), std::string::npos);
  EXPECT_EQ(mydocker({"-aUc", "-P", "10", "/bin/true"}).err.find("-I"), std::string::npos);
}

TEST(CgroupNamespace, ShowsItsOwnFolderAsTheRootOfEveryHierarchy) {
  for (const Words& options : {Words{"-a"}, Words{"-aU"}, Words{"-ac", "-M", "100m"},
                               Words{"-aUc", "-C", "50", "-I", "20", "-P", "333"}}) {
    const Result result = in_container(options, "cat /proc/self/cgroup");
    const auto lines = text::split(result.out, '\n');
    ASSERT_GT(lines.size(), 1U);
    for (const auto line : lines) {
      EXPECT_TRUE(line.empty() || line.ends_with(":/")) << options.front() << ' ' << line;
    }
  }
}

TEST(CgroupNamespace, LeavesNoWayToTheFolderAbove) {
  const Result result =
      in_container({"-aUc", "-P", "50"},
                   "ls -A /sys/fs/cgroup; mkdir /sys/fs/cgroup/x; "
                   "mount -t cgroup2 none /mnt; mount -t cgroup -o pids none /mnt");
  EXPECT_EQ(result.out, "");
  EXPECT_NE(result.status, 0);
}

}  // namespace
}  // namespace mydocker::test
