// How a container with limits ends: what is said, what is reported, what is left.
#include <csignal>
#include <filesystem>
#include <map>
#include <sstream>

#include "support/host.hpp"
#include "support/run.hpp"
#include "sys/cgroups.hpp"
#include "sys/files.hpp"

namespace mydocker::test {
namespace {

using Words = std::vector<std::string>;

constexpr const char* kLimitReached = "memory limit 64 MiB reached";

// `tail` keeps the last line, and zeros have no end of line: it grows for ever.
Result memory_hog(const std::string& mode, Words options = {}) {
  Words words{mode, "-M", "64m"};
  words.insert(words.end(), options.begin(), options.end());
  words.insert(words.end(), {"/usr/bin/tail", "/dev/zero"});
  return mydocker(words);
}

// A report, read by another program's idea of JSON: each value as it is written there.
class Report {
 public:
  explicit Report(const std::string& path) {
    const Result parsed = run({"python3", "-c",
                               "import json, sys\n"
                               "for key, value in json.load(open(sys.argv[1])).items():\n"
                               "    print(key, json.dumps(value))",
                               path});
    EXPECT_EQ(parsed.status, 0) << parsed.err;
    std::istringstream lines(parsed.out);
    for (std::string key, value; lines >> key && std::getline(lines >> std::ws, value);) {
      values_[key] = value;
    }
  }
  std::string operator[](const std::string& key) const {
    const auto found = values_.find(key);
    return found == values_.end() ? "(missing)" : found->second;
  }
  double number(const std::string& key) const { return std::strtod((*this)[key].c_str(), nullptr); }

 private:
  std::map<std::string, std::string> values_;
};

// Where a test's container leaves its report.
struct Reported {
  TemporaryFolder folder;
  std::string path = folder.path() + "/report";
};

TEST(CgroupMemory, KillsAHogAsEntrypointAndSaysWhy) {
  for (const char* const mode : {"-ac", "-aUc"}) {
    const Result result = memory_hog(mode);
    EXPECT_EQ(result.status, 137);
    EXPECT_EQ(result.out, "");
    EXPECT_EQ(without_warnings(result.err),
              std::string("MyDocker: killed: ") + kLimitReached + "\n");
  }
}

TEST(CgroupMemory, KillsAHogUnderInitAndSaysWhy) {
  const Result result = memory_hog("-aUc", {"--init"});
  EXPECT_EQ(result.status, 137);
  EXPECT_EQ(without_warnings(result.err), std::string("MyDocker: killed: ") + kLimitReached + "\n");
}

TEST(CgroupMemory, CountsHogsAmongTheDescendantsAndLeavesTheStatusToTheEntrypoint) {
  const Result result = in_container(
      {"-aUc", "-M", "64m"}, "(tail /dev/zero); echo $?; (tail /dev/zero); echo $?; exit 5");
  EXPECT_EQ(result.status, 5);
  EXPECT_EQ(result.out, "137\n137\n");
  EXPECT_NE(result.err.find(std::string("MyDocker: 2 processes of the container killed: ") +
                            kLimitReached + "\n"),
            std::string::npos)
      << result.err;
}

TEST(CgroupMemory, CountsFilesInMemoryToo) {
  const Result result =
      in_container({"-aUc", "-M", "64m", "--tmpfs", "/mnt:1g"},
                   "(exec head -c 200000000 /dev/zero > /mnt/file); rm -f /mnt/file; exit 6");
  EXPECT_NE(result.err.find(kLimitReached), std::string::npos) << result.err;
}

TEST(CgroupMemory, EndsAt137AndSaysSoWhenALimitIsTooSmallToStart) {
  for (const char* const mode : {"-ac", "-aUc"}) {
    const std::string id = unique_id("small");
    const Result result = mydocker({mode, "--name", id, "-M", "4096", "/bin/true"});
    EXPECT_EQ(result.status, 137);
    EXPECT_EQ(result.out, "");
    EXPECT_NE(result.err.find("MyDocker: the memory limit is too small to start\n"),
              std::string::npos)
        << result.err;
    EXPECT_NE(result.err.find("memory limit 4 KiB reached"), std::string::npos) << result.err;
    EXPECT_EQ(leftovers(id), Words{});
  }
}

TEST(CgroupMemory, IsNotBlamedForAKillThatAPersonSent) {
  const Result result = in_container({"-aUc", "-M", "64m", "--init"}, "kill -KILL $$");
  EXPECT_EQ(result.status, 137);
  EXPECT_EQ(without_warnings(result.err), "");
}

TEST(CgroupReport, OfAnOrdinaryEnd) {
  const Reported to;
  const std::string id = unique_id("report");
  const Result result =
      in_container({"-aUc", "-M", "64m", "--name", id, "--report", to.path}, "sleep 0.2; exit 7");
  EXPECT_EQ(result.status, 7);
  EXPECT_EQ(result.out + without_warnings(result.err), "");
  const Report report(to.path);
  EXPECT_EQ(report["id"], '"' + id + '"');
  EXPECT_EQ(report["reason"], "\"exit\"");
  EXPECT_EQ(report["status"], "7");
  EXPECT_EQ(report["signal"], "null");
  EXPECT_EQ(report["oom_kills"], "0");
  EXPECT_GE(report.number("wall_seconds"), 0.2);
  EXPECT_GT(report.number("cpu_seconds"), 0.0);
  EXPECT_LT(report.number("cpu_seconds"), report.number("wall_seconds") * 4 + 1);
  EXPECT_EQ(report["throttled_periods"], "0");
}

TEST(CgroupReport, OfASignal) {
  const Reported to;
  const Words options{"-aUc", "-P", "64", "--init", "--report", to.path};
  EXPECT_EQ(in_container(options, "kill -USR1 $$; sleep 5").status, 138);
  const Report report(to.path);
  EXPECT_EQ(report["reason"], "\"signal\"");
  EXPECT_EQ(report["status"], "138");
  EXPECT_EQ(report["signal"], "\"SIGUSR1\"");
}

TEST(CgroupReport, OfAnOutOfMemoryKill) {
  const Reported to;
  EXPECT_EQ(memory_hog("-ac", {"--report", to.path}).status, 137);
  const Report report(to.path);
  EXPECT_EQ(report["reason"], "\"oom\"");
  EXPECT_EQ(report["status"], "137");
  EXPECT_EQ(report["signal"], "\"SIGKILL\"");
  EXPECT_EQ(report["oom_kills"], "1");
  // Kernels before 6.5 have no peak on v2.
  const std::string peak = report["memory_peak_bytes"];
  if (peak != "null") {
    EXPECT_NEAR(std::stod(peak), 67108864, 4194304);
  }
}

TEST(CgroupReport, OfADescendantOutOfMemoryIsTheEntrypointsOwnEnd) {
  const Reported to;
  const Words options{"-ac", "-M", "64m", "--report", to.path};
  EXPECT_EQ(in_container(options, "(tail /dev/zero); exit 5").status, 5);
  const Report report(to.path);
  EXPECT_EQ(report["reason"], "\"exit\"");
  EXPECT_EQ(report["status"], "5");
  EXPECT_EQ(report["oom_kills"], "1");
}

TEST(CgroupReport, OfATimeout) {
  const Reported to;
  const Words words{"-aUc",     "-P",    "64",         "--timeout", "0.3",
                    "--report", to.path, "/bin/sleep", "1000"};
  EXPECT_EQ(mydocker(words).status, 124);
  const Report report(to.path);
  EXPECT_EQ(report["reason"], "\"timeout\"");
  EXPECT_EQ(report["status"], "124");
}

TEST(CgroupReport, CountsWithoutLimitsToo) {
  const Reported to;
  const std::string id = unique_id("report");
  const Result result = in_container({"-aU", "--name", id, "--report", to.path},
                                     "sleep 0.1 & sleep 0.1 & wait; exit 7");
  EXPECT_EQ(result.status, 7);
  EXPECT_EQ(without_warnings(result.err), "");
  const Report report(to.path);
  EXPECT_EQ(report["status"], "7");
  EXPECT_GT(report.number("cpu_seconds"), 0.0);
  EXPECT_EQ(leftovers(id), Words{});
}

TEST(CgroupFolder, IsRemovedAfterEachKindOfEnd) {
  const std::vector<Words> ends{{"/bin/true"},
                                {"/bin/false"},
                                {"/no/such/program"},
                                {"/etc"},
                                {"--workdir", "/no/such/folder", "/bin/true"},
                                {"--volume", "/no/such/source:/mnt", "/bin/true"},
                                {"/bin/bash", "-c", "setsid sleep 1000 & exit 1"},
                                {"--timeout", "0.1", "/bin/sleep", "1000"}};
  for (const auto& end : ends) {
    for (const char* const mode : {"-ac", "-aUc"}) {
      const std::string id = unique_id("end");
      Words words{mode, "-M", "64m", "--name", id};
      words.insert(words.end(), end.begin(), end.end());
      (void)mydocker(words);
      EXPECT_EQ(leftovers(id), Words{}) << end.back();
    }
  }
}

TEST(CgroupFolder, IsRemovedByTheNextStartWhenMyDockerWasKilled) {
  for (const char* const mode : {"-ac", "-aUc"}) {
    const std::string id = unique_id("killed"), seconds = unique_seconds();
    Running program({binary(), mode, "-M", "64m", "--name", id, "/bin/bash", "-c",
                     "setsid /bin/sleep " + seconds + " & exec /bin/sleep " + seconds});
    ASSERT_TRUE(wait_until([&] { return processes_with(seconds, "/bin/sleep").size() == 2; }));
    program.signal(SIGKILL);
    EXPECT_EQ(program.wait().status, 137);
    EXPECT_EQ(mydocker({"-a", "/bin/true"}).status, 0);
    EXPECT_TRUE(wait_until([&] { return leftovers(id).empty(); }, std::chrono::seconds(2)));
    EXPECT_EQ(leftovers(id), Words{});
    EXPECT_TRUE(processes_with(seconds, "/bin/sleep").empty());
  }
}

TEST(CgroupFolder, AboveAllContainersIsThereOnlyWhileOneRuns) {
  EXPECT_EQ(mydocker({"-ac", "-M", "64m", "/bin/true"}).status, 0);
  for (const auto& hierarchy : sys::read_cgroup_layout().hierarchies) {
    const std::string above = cgroup_folder(hierarchy, default_cgroup_path(""));
    // Other tests run at the same time: then their folders are in it.
    const auto in_use_or_gone = [&] {
      if (!sys::exists(above)) return true;
      for (const auto& name : sys::names_in(above)) {
        if (std::filesystem::is_directory(above + name)) return true;
      }
      return false;
    };
    EXPECT_TRUE(wait_until(in_use_or_gone, std::chrono::seconds(2))) << above;
  }
}

}  // namespace
}  // namespace mydocker::test
