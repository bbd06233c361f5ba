// What is printed is what runs: --dry-run, --explain and strace(1) tell the same story.
#include <sys/stat.h>

#include <algorithm>
#include <filesystem>
#include <regex>

#include "support/host.hpp"
#include "support/run.hpp"
#include "sys/files.hpp"
#include "terminal/printed_plan.hpp"

namespace mydocker::test {
namespace {

using Words = std::vector<std::string>;

Words joined(Words words, const Words& more) {
  words.insert(words.end(), more.begin(), more.end());
  return words;
}

class Printed : public testing::TestWithParam<Words> {
 protected:
  [[nodiscard]] Words with(const Words& more) const {
    return joined(joined(GetParam(), {"--name", id_}), more);
  }

  std::string id_ = unique_id("printed");
};

INSTANTIATE_TEST_SUITE_P(Options, Printed,
                         testing::Values(Words{"-a"}, Words{"-aU"},
                                         Words{"-aUc", "-M", "64m", "-P", "20", "-C", "50"},
                                         Words{"-a", "--read-only", "--tmpfs", "/tmp", "--init"}),
                         [](const auto& each) { return "Plan" + std::to_string(each.index); });

TEST_P(Printed, ByExplainIsWhatDryRunPrints) {
  const Result dry = mydocker(with({"--dry-run", "/bin/true"}));
  const Result told = mydocker(with({"--explain", "/bin/true"}));
  EXPECT_EQ(dry.status, 0);
  EXPECT_EQ(dry.err, "");
  EXPECT_EQ(told.status, 0);
  EXPECT_EQ(told.out, "") << "standard output belongs to the container";
  EXPECT_GT(request_lines(dry.out).size(), 30U);
  EXPECT_EQ(request_lines(dry.out), request_lines(told.err));
  const Result narrated = mydocker(with({"--dry-run", "--explain", "/bin/true"}));
  EXPECT_EQ(request_lines(narrated.out), request_lines(dry.out));
}

TEST_P(Printed, HasAReasonAndItsCalls) {
  const Result told = mydocker(with({"--explain", "/bin/true"}));
  for (const auto& request : requests_in(told.err)) {
    EXPECT_GT(request.why.size(), 10U) << request.text;
    EXPECT_FALSE(request.calls.empty()) << request.text;
  }
}

TEST_P(Printed, IsWhatRan) {
  const TemporaryFolder folder;
  const std::string file = folder.path() + "/trace";
  const auto requests = requests_in(mydocker(with({"--dry-run", "--explain", "/bin/true"})).out);
  const Result ran = run(joined({"strace", "-f", "-o", file, binary()}, with({"/bin/true"})));
  ASSERT_EQ(ran.status, 0) << ran.err;
  const Trace trace = trace_in(sys::read_file(file));
  const auto at = [&](const char* place) {
    std::vector<Request> out;
    std::copy_if(requests.begin(), requests.end(), std::back_inserter(out),
                 [&](const Request& request) { return request.place == place; });
    return out;
  };
  EXPECT_EQ(mismatches(at("host"), trace.host), Words());
  EXPECT_EQ(mismatches(at("child"), trace.child), Words());
  // The comparison is worth something only if it misses a request that is not there.
  const auto child = at("child");
  for (std::size_t i = 0; i < child.size(); ++i) {
    static const Words kDistinct{"mknodat", "symlinkat", "fsopen",      "keyctl",
                                 "umask",   "mount",     "sethostname", "setsid",
                                 "chdir",   "capset",    "seccomp",     "execve"};
    const bool is_distinct = std::any_of(kDistinct.begin(), kDistinct.end(), [&](const auto& call) {
      return child[i].calls.back() == call || child[i].calls.front() == call;
    });
    auto fewer = child;
    fewer.erase(fewer.begin() + static_cast<std::ptrdiff_t>(i));
    EXPECT_TRUE(!is_distinct || !mismatches(fewer, trace.child).empty()) << child[i].text;
  }
}

TEST(DryRun, NeedsNoRootAndPrintsTheSame) {
  const TemporaryFolder folder;
  ::chmod(folder.path().c_str(), 0755);  // NOLINT: somebody else has to read it
  const std::string copy = folder.path() + "/MyDocker", root = folder.path() + "/root";
  std::filesystem::copy_file(binary(), copy);
  std::filesystem::create_directories(root + "/etc");
  for (const Words& options : {Words{"-a"}, Words{"-aU"}, Words{"-aUc", "-M", "64m"}}) {
    const Words command = joined(joined({copy}, options),
                                 {"--dry-run", "--name", "someone", "--rootfs", root, "/bin/true"});
    const Result as_root = run(command);
    const Result as_other =
        run(joined({"setpriv", "--reuid", "65534", "--regid", "65534", "--clear-groups"}, command));
    EXPECT_EQ(as_other.status, 0) << as_other.err;
    // But for the place of the record.
    const std::string as_if_root = std::regex_replace(
        as_other.out, std::regex("/(tmp|run/user)/[^/ ]*65534[^/ ]*/"), "/run/mydocker/");
    EXPECT_EQ(as_if_root, as_root.out);
    EXPECT_GT(request_lines(as_other.out).size(), 30U);
  }
}

TEST(DryRun, RunsNothing) {
  const std::string id = unique_id("dry");
  const Result result = mydocker({"-ac", "-M", "64m", "--name", id, "--dry-run", "/bin/false"});
  EXPECT_EQ(result.status, 0);
  EXPECT_EQ(leftovers(id), Words());
}

}  // namespace
}  // namespace mydocker::test
