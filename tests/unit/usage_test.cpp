// What the cgroup counted, and what a person and a program are told of it.
#include <csignal>

#include "mydocker/outcome.hpp"
#include "unit/fake_tree.hpp"
#include "unit/samples.hpp"

namespace mydocker::test {
namespace {

Outcome killed(int signal = SIGKILL) {
  return {.reason = Reason::signal, .status = 128 + signal, .signal = signal};
}

CgroupRequest limits() {
  CgroupRequest out;
  out.resources.memory.limit = 64LL << 20;
  out.resources.pids = 20;
  return out;
}

TEST(Usage, IsReadFromTheFilesOfV2) {
  const FakeTree tree;
  const std::string folder = "/mydocker/web/";
  tree.write(folder + "memory.peak", "1048576\n");
  tree.write(folder + "memory.events",
             "low 0\nhigh 0\nmax 9\noom 4\noom_kill 2\noom_group_kill 0\n");
  tree.write(folder + "pids.peak", "7\n");
  tree.write(folder + "pids.events", "max 3\n");
  tree.write(folder + "cpu.stat",
             "usage_usec 1500\nuser_usec 1000\nnr_periods 4\nnr_throttled 5\nthrottled_usec 60\n");
  const CgroupLayout layout{{v2({"cpu", "memory", "pids"}, tree.path())}};
  EXPECT_EQ(read_usage(layout, "mydocker/web"), (Usage{1500000, 1048576, 2, 7, 3, 5, 60000}));
}

TEST(Usage, IsReadFromTheFilesOfV1) {
  const FakeTree tree;
  tree.write("/memory/mydocker/web/memory.max_usage_in_bytes", "4096\n");
  tree.write("/memory/mydocker/web/memory.oom_control",
             "oom_kill_disable 0\nunder_oom 0\noom_kill 1\n");
  tree.write("/memory/mydocker/web/memory.failcnt", "99\n");
  tree.write("/pids/mydocker/web/pids.events", "max 12\n");
  tree.write("/cpu/mydocker/web/cpu.stat", "nr_periods 4\nnr_throttled 5\nthrottled_time 70\n");
  tree.write("/cpu/mydocker/web/cpuacct.usage", "123456789\n");
  const CgroupLayout layout{{v1({"memory"}, tree.path() + "/memory"),
                             v1({"pids"}, tree.path() + "/pids"),
                             v1({"cpu", "cpuacct"}, tree.path() + "/cpu")}};
  EXPECT_EQ(read_usage(layout, "mydocker/web"),
            (Usage{123456789, 4096, 1, std::nullopt, 12, 5, 70}));
}

TEST(Usage, OfWhatTheKernelDoesNotCountIsNothing) {
  const FakeTree tree;
  const CgroupLayout layout{{v2({"cpu", "memory", "pids"}, tree.path())}};
  EXPECT_EQ(read_usage(layout, "mydocker/web"), Usage{});
  tree.write("/mydocker/web/memory.peak", "max\n");
  tree.write("/mydocker/web/memory.events", "oom_kill\noom_kill x\noom_kill_x 5\n");
  EXPECT_EQ(read_usage(layout, "mydocker/web"), Usage{});
  EXPECT_EQ(read_usage({}, "mydocker/web"), Usage{});
}

TEST(Reason, IsOomOnlyForAKillThatNobodyElseSent) {
  const auto reason = [](Outcome outcome, std::optional<std::uint64_t> kills) {
    Usage usage;
    usage.oom_kills = kills;
    apply_usage(outcome, usage);
    return outcome.reason;
  };
  EXPECT_EQ(reason(killed(), 1), Reason::oom);
  EXPECT_EQ(reason(killed(), 0), Reason::signal);
  EXPECT_EQ(reason(killed(), std::nullopt), Reason::signal);
  EXPECT_EQ(reason(killed(SIGSEGV), 1), Reason::signal);
  EXPECT_EQ(reason({.reason = Reason::exit, .status = 137}, 1), Reason::exit)
      << "a descendant was killed";
  Outcome ours = killed();
  ours.killed_by_us = true;
  EXPECT_EQ(reason(ours, 1), Reason::signal);
  Outcome late = killed();
  late.reason = Reason::timeout;
  EXPECT_EQ(reason(late, 1), Reason::timeout);
}

TEST(Reason, LeavesTheStatusAsItWas) {
  Outcome outcome = killed();
  Usage usage;
  usage.oom_kills = 1;
  apply_usage(outcome, usage);
  EXPECT_EQ(outcome.status, 137);
}

Words lines(const Outcome& outcome, std::optional<std::uint64_t> kills,
            std::optional<std::uint64_t> refused, const std::optional<CgroupRequest>& limited) {
  Usage usage;
  usage.oom_kills = kills;
  usage.pids_refused = refused;
  return closing_lines(outcome, usage, limited);
}

TEST(ClosingLines, AreNoneAfterAnOrdinaryEnd) {
  EXPECT_EQ(lines({}, 0, 0, limits()), Words{});
  EXPECT_EQ(lines({.status = 7}, std::nullopt, std::nullopt, std::nullopt), Words{});
  EXPECT_EQ(lines(killed(SIGTERM), 0, 0, limits()), Words{});
}

TEST(ClosingLines, NameTheLimitThatWasMet) {
  Outcome oom = killed();
  oom.reason = Reason::oom;
  EXPECT_EQ(lines(oom, 1, 0, limits()), Words{"killed: memory limit 64 MiB reached"});
  EXPECT_EQ(lines({}, 0, 3, limits()), Words{"pids limit 20 reached: 3 forks refused"});
  EXPECT_EQ(lines({}, 0, 1, limits()), Words{"pids limit 20 reached: 1 fork refused"});
}

TEST(ClosingLines, CountKilledDescendants) {
  Outcome oom = killed();
  oom.reason = Reason::oom;
  EXPECT_EQ(lines({}, 1, 0, limits()),
            Words{"1 process of the container killed: memory limit 64 MiB reached"});
  EXPECT_EQ(lines({}, 2, 0, limits()),
            Words{"2 processes of the container killed: memory limit 64 MiB reached"});
  EXPECT_EQ(lines(oom, 3, 0, limits()),
            (Words{"killed: memory limit 64 MiB reached",
                   "2 processes of the container killed: memory limit 64 MiB reached"}));
}

TEST(ClosingLines, BlameTheHostWhereNothingWasLimited) {
  CgroupRequest only_counting;
  only_counting.accounting = true;
  EXPECT_EQ(lines({}, 1, 5, only_counting),
            Words{"1 process of the container killed: the host ran out of memory"});
}

TEST(ClosingLines, NameTheTimeout) {
  EXPECT_EQ(lines({.reason = Reason::timeout, .status = 124}, 0, 0, std::nullopt),
            Words{"killed: the time of --timeout is over"});
}

TEST(Report, IsOneJsonObjectWithAllThatWasCounted) {
  const Outcome outcome{Reason::oom, 137, SIGKILL, false, 1500000000, 2000000};
  EXPECT_EQ(report_json(spec_of({"-a", "--name", "web", "ls"}), outcome,
                        {2500000, 1048576, 1, 7, 3, 5, 60000, 4}),
            "{\"id\": \"web\", \"reason\": \"oom\", \"status\": 137, \"signal\": \"SIGKILL\", "
            "\"wall_seconds\": 1.500000, "
            "\"cpu_seconds\": 0.002500, \"memory_peak_bytes\": 1048576, \"oom_kills\": 1, "
            "\"pids_peak\": 7, "
            "\"pids_refused\": 3, \"throttled_periods\": 5, \"throttled_seconds\": 0.000060, "
            "\"egress_refused\": 4}\n");
}

TEST(Report, HasNullForWhatWasNotCounted) {
  const Outcome outcome{.wall_nanoseconds = 1, .cpu_nanoseconds = 999999999};
  EXPECT_EQ(report_json(spec_of({"-a", "--name", "web", "ls"}), outcome, {}),
            "{\"id\": \"web\", \"reason\": \"exit\", \"status\": 0, \"signal\": null, "
            "\"wall_seconds\": 0.000000, "
            "\"cpu_seconds\": 0.999999, \"memory_peak_bytes\": null, \"oom_kills\": null, "
            "\"pids_peak\": null, "
            "\"pids_refused\": null, \"throttled_periods\": null, \"throttled_seconds\": null, "
            "\"egress_refused\": null}\n");
}

TEST(Report, NamesEachReason) {
  const auto has_reason = [](Reason reason, const char* name) {
    const std::string text = report_json({}, {.reason = reason}, {});
    return text.find("\"reason\": \"" + std::string(name) + "\"") != std::string::npos;
  };
  EXPECT_TRUE(has_reason(Reason::exit, "exit") && has_reason(Reason::signal, "signal") &&
              has_reason(Reason::oom, "oom") && has_reason(Reason::timeout, "timeout"));
}

TEST(ClosingLines, CountNothingWhereTheKernelDidNot) {
  Outcome outcome;
  outcome.reason = Reason::oom;
  EXPECT_EQ(closing_lines(outcome, Usage{}, std::nullopt).size(), 1U);
}

}  // namespace
}  // namespace mydocker::test
