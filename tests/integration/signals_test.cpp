// Signals to MyDocker, and the clock of --timeout: who ends how, and with which status.
#include <csignal>

#include "support/host.hpp"
#include "support/run.hpp"

namespace mydocker::test {
namespace {

using Words = std::vector<std::string>;
using Clock = std::chrono::steady_clock;

// A sleep that no other test has, so that it can be seen from outside.
class Sleeper {
 public:
  explicit Sleeper(Words options) : program_(command(std::move(options), seconds_)) {}

  // Sends `signal` to MyDocker once the entrypoint has begun.
  Result end_by(int signal) {
    EXPECT_TRUE(wait_until([&] { return !sleeping().empty(); })) << "the entrypoint never began";
    program_.signal(signal);
    return program_.wait();
  }
  std::vector<pid_t> sleeping() const { return processes_with(seconds_, "/bin/sleep"); }
  Running& program() { return program_; }

 private:
  static Words command(Words options, const std::string& seconds) {
    options.insert(options.begin(), binary());
    options.insert(options.end(), {"/bin/sleep", seconds});
    return options;
  }

  std::string seconds_ = unique_seconds();
  Running program_;
};

// Bash in a container that says "ready" when its traps stand, then runs `rest`.
class Trapping {
 public:
  Trapping(const std::string& traps, const std::string& rest, Words options = {"-aU"})
      : program_(command(std::move(options), traps + "; echo ready; " + rest)) {
    EXPECT_TRUE(program_.wait_for_output("ready"));
  }
  Result end_by(int signal) {
    program_.signal(signal);
    return program_.wait();
  }
  Running& program() { return program_; }

 private:
  static Words command(Words options, const std::string& script) {
    options.insert(options.begin(), binary());
    options.insert(options.end(), {"/bin/bash", "-c", script});
    return options;
  }
  Running program_;
};

constexpr const char* kForAWhile = "for i in {1..600}; do sleep 0.05; done; exit 1";

constexpr int kEnding[] = {SIGTERM, SIGINT, SIGHUP, SIGQUIT};

TEST(Signals, EndAnEntrypointWithoutAHandlerAsIfItWereNotPid1) {
  for (const int signal : kEnding) {
    for (const char* const mode : {"-a", "-aU"}) {
      Sleeper sleeper({mode});
      const Result result = sleeper.end_by(signal);
      EXPECT_EQ(result.status, 128 + signal);
      EXPECT_EQ(result.out + result.err, "");
      EXPECT_TRUE(sleeper.sleeping().empty());
    }
  }
}

TEST(Signals, EndAnEntrypointUnderInitByThemselves) {
  for (const int signal : {SIGTERM, SIGINT, SIGHUP, SIGQUIT, SIGUSR1, SIGUSR2, SIGALRM}) {
    Sleeper sleeper({"-aU", "--init"});
    EXPECT_EQ(sleeper.end_by(signal).status, 128 + signal);
    EXPECT_TRUE(sleeper.sleeping().empty());
  }
}

TEST(Signals, LeaveTheStatusToAnEntrypointWithAHandler) {
  for (const int signal : {SIGTERM, SIGINT, SIGHUP, SIGQUIT, SIGUSR1}) {
    Trapping trapping("trap 'exit 42' " + std::to_string(signal), kForAWhile);
    EXPECT_EQ(trapping.end_by(signal).status, 42) << signal;
  }
}

TEST(Signals, ReachAHandlerUnderInitToo) {
  Trapping trapping("trap 'exit 42' TERM", kForAWhile, {"-aU", "--init"});
  EXPECT_EQ(trapping.end_by(SIGTERM).status, 42);
}

TEST(Signals, StayIgnoredByAnEntrypointThatIgnoresThem) {
  for (const Words& options : {Words{"-aU"}, Words{"-aU", "--init"}}) {
    Trapping trapping("trap '' TERM INT HUP QUIT", "sleep 1; exit 9", options);
    for (const int signal : {SIGINT, SIGHUP, SIGQUIT}) trapping.program().signal(signal);
    EXPECT_EQ(trapping.end_by(SIGTERM).status, 9);
  }
}

TEST(Signals, ThatDoNotMeanTheEndAreLostOnAPid1WithoutAHandlerAsTheKernelHasIt) {
  Sleeper sleeper({"-aU"});
  ASSERT_TRUE(wait_until([&] { return !sleeper.sleeping().empty(); }));
  sleeper.program().signal(SIGUSR1);
  sleeper.program().signal(SIGALRM);
  EXPECT_EQ(sleeper.end_by(SIGTERM).status, 128 + SIGTERM);
}

TEST(Signals, OfTheEntrypointsOwnEndAreTheStatusUnderInit) {
  for (const int signal : {SIGKILL, SIGUSR1, SIGTERM, SIGABRT, SIGSEGV}) {
    const std::string script = "ulimit -c 0; kill -" + std::to_string(signal) + " $$; sleep 5";
    EXPECT_EQ(in_container({"-aU", "--init"}, script).status, 128 + signal);
  }
}

TEST(Signals, EndAWholeContainerWhenMyDockerIsKilled) {
  for (const Words& options : {Words{"-a"}, Words{"-aU"}, Words{"-aU", "--init"}}) {
    Sleeper sleeper(options);
    EXPECT_EQ(sleeper.end_by(SIGKILL).status, 128 + SIGKILL);
    EXPECT_TRUE(wait_until([&] { return sleeper.sleeping().empty(); }));
  }
}

TEST(Timeout, EndsAnEntrypointWithoutAHandlerAtOnce) {
  for (const Words& options : {Words{"-a"}, Words{"-aU"}, Words{"-aU", "--init"}}) {
    Words words = options;
    words.insert(words.end(), {"--timeout", "0.2", "/bin/sleep", "1000"});
    const auto begin = Clock::now();
    const Result result = mydocker(words);
    EXPECT_EQ(result.status, 124);
    EXPECT_EQ(result.out, "");
    EXPECT_EQ(result.err, "MyDocker: killed: the time of --timeout is over\n");
    EXPECT_GE(Clock::now() - begin, std::chrono::milliseconds(200));
    EXPECT_LT(Clock::now() - begin, std::chrono::seconds(5)) << "the grace is for handlers alone";
  }
}

TEST(Timeout, LetsAHandlerSayItsLastWords) {
  const Result result =
      in_container({"-aU", "--timeout", "1"},
                   "trap 'echo bye; exit 3' TERM; for i in {1..600}; do sleep 0.05; done");
  EXPECT_EQ(result.status, 124);
  EXPECT_EQ(result.out, "bye\n");
}

TEST(Timeout, IsNotReachedByAnEntrypointThatEndsBefore) {
  EXPECT_EQ(in_container({"-aU", "--timeout", "30"}, "exit 7").status, 7);
}

TEST(TimeoutSlow, KillsTenSecondsLaterWhoeverIgnoresIt) {
  const auto begin = Clock::now();
  const Result result = in_container({"-aU", "--timeout", "0.5"},
                                     "trap '' TERM; for i in {1..600}; do sleep 0.1; done");
  const auto taken = Clock::now() - begin;
  EXPECT_EQ(result.status, 124);
  EXPECT_GE(taken, std::chrono::milliseconds(10500));
  EXPECT_LT(taken, std::chrono::milliseconds(14000));
}

}  // namespace
}  // namespace mydocker::test
