// Many at once, and MyDocker killed at any moment: after one more start nothing is left.
#include <csignal>
#include <deque>
#include <random>

#include "helpers/text.hpp"
#include "support/host.hpp"
#include "support/run.hpp"
#include "sys/files.hpp"

namespace mydocker::test {
namespace {

using Words = std::vector<std::string>;

// Starts of one test: all entrypoints carry the same number of seconds, each has its own name.
class Starts {
 public:
  // A container that would run for ever.
  Running& begin(const std::string& mode) {
    return start({mode, "-M", "64m", "-P", "64"}, {"/bin/sleep", seconds_});
  }
  // One that ends by itself.
  Running& begin_short(const std::string& mode) {
    return start({mode, "-M", "64m"}, {"/bin/true", seconds_});
  }

  // One more start, then: no cgroup, no record, no process, no mount.
  void expect_nothing_left_after_one_more_start() {
    EXPECT_EQ(mydocker({"-a", "/bin/true"}).status, 0);
    // Another test's start may be at it at this moment; it is given the time to end.
    (void)wait_until([&] { return left().empty(); }, std::chrono::seconds(2));
    EXPECT_EQ(text::join(left(), "\n"), "");
  }

 private:
  Running& start(Words options, const Words& entrypoint) {
    ids_.push_back(unique_id("robust"));
    Words words{binary(), "--name", ids_.back()};
    words.insert(words.end(), options.begin(), options.end());
    words.insert(words.end(), entrypoint.begin(), entrypoint.end());
    return running_.emplace_back(words);
  }
  [[nodiscard]] Words left() const {
    Words out;
    for (const auto& id : ids_) {
      const Words of_one = leftovers(id);
      out.insert(out.end(), of_one.begin(), of_one.end());
    }
    for (const pid_t pid : processes_with(seconds_))
      out.push_back("process " + std::to_string(pid));
    const std::string mounts = sys::read_file("/proc/self/mountinfo");
    if (mounts.find("/root_fs/root") != std::string::npos) out.push_back("mount of the root");
    return out;
  }

  std::string seconds_ = unique_seconds();
  Words ids_;
  std::deque<Running> running_;
};

// From nothing to 8 ms, about as long as a start takes; every tenth much later.
class Moments {
 public:
  explicit Moments(unsigned seed) : random_(seed) {}
  void pass() {
    const int longest = ++count_ % 10 == 0 ? 60000 : 8000;
    std::this_thread::sleep_for(
        std::chrono::microseconds(std::uniform_int_distribution<>(0, longest)(random_)));
  }

 private:
  std::mt19937 random_;
  int count_ = 0;
};

TEST(Robustness, AHundredContainersAtOnceAllRunAndLeaveNothing) {
  constexpr int kCount = 100;
  Words ids;
  std::deque<Running> all;
  for (int i = 0; i < kCount; ++i) {
    ids.push_back(unique_id("hundred"));
    all.emplace_back(Words{binary(), i % 2 == 0 ? "-ac" : "-aUc", "-M", "64m", "-P", "20", "--name",
                           ids.back(), "/bin/bash", "-c",
                           "trap 'exit 0' TERM; echo up; sleep 1000 & wait"});
  }
  for (const auto& one : all) EXPECT_TRUE(one.wait_for_output("up\n"));
  for (const auto& one : all) one.signal(SIGTERM);
  for (auto& one : all) {
    const Result result = one.wait();
    EXPECT_EQ(result.status, 0) << result.err;
    EXPECT_EQ(result.out + result.err, "up\n");
  }
  for (const auto& id : ids) EXPECT_EQ(leftovers(id), Words{});
}

TEST(Robustness, KilledAtFiftyMomentsOfTheStartMyDockerLeavesNothing) {
  constexpr int kKills = 50;
  for (const char* const mode : {"-ac", "-aUc"}) {
    Starts starts;
    Moments moments(7);
    for (int i = 0; i < kKills; ++i) {
      auto& one = starts.begin(mode);
      moments.pass();
      one.signal(SIGKILL);
      EXPECT_EQ(one.wait().status, 137);
    }
    starts.expect_nothing_left_after_one_more_start();
  }
}

TEST(Robustness, TwoHundredStartsOfWhichFiftyAreKilledLeaveNothing) {
  constexpr int kStarts = 200;
  Starts starts;
  Moments moments(11);
  Running* before = nullptr;
  for (int i = 0; i < kStarts; ++i) {
    const char* const mode = i % 2 == 0 ? "-aUc" : "-ac";
    if (i % 4 == 3) {
      auto& one = starts.begin(mode);
      moments.pass();
      one.signal(SIGKILL);
      EXPECT_EQ(one.wait().status, 137);
      continue;
    }
    // Two at a time, so that one sweeps while the other is being made.
    auto& one = starts.begin_short(mode);
    if (before != nullptr) {
      EXPECT_EQ(before->wait().status, 0);
    }
    before = &one;
  }
  EXPECT_EQ(before->wait().status, 0);
  starts.expect_nothing_left_after_one_more_start();
}

TEST(Robustness, OnAHostWhoseMountsAreSharedNothingPropagatesAndNothingIsLeft) {
  const std::string name = unique_id("shared"), seconds = unique_seconds();
  const char* const script = R"script(
    mount --make-rshared / || exit 90
    before=$(cat /proc/self/mountinfo)
    for i in {1..20}; do
      "$0" -aUc -M 64m --name "$1-$i" /bin/sleep "$2" & pid=$!
      sleep "0.00$((RANDOM % 9))"
      kill -9 $pid; wait $pid 2> /dev/null
      "$0" -a --tmpfs /mnt --volume /etc:/mnt/etc /bin/bash -c '[ -e /mnt/etc/passwd ]' || exit 91
      [ "$(cat /proc/self/mountinfo)" = "$before" ] || exit 92
    done
    "$0" -ac -M 64m /bin/bash -c 'grep -c shared: /proc/self/mountinfo'
    [ "$(cat /proc/self/mountinfo)" = "$before" ] || exit 93)script";
  const Result result = run({"unshare", "-m", "--propagation", "private", "/bin/bash", "-c", script,
                             binary(), name, seconds});
  EXPECT_EQ(result.status, 0) << result.err;
  EXPECT_EQ(result.out, "0\n") << "no mount of a container is shared";
  EXPECT_TRUE(wait_until([&] { return processes_with(seconds).empty(); }));
  for (int i = 1; i <= 20; ++i) EXPECT_EQ(leftovers(name + "-" + std::to_string(i)), Words{});
}

TEST(Name, ThatIsInUseIsRefusedWithAHint) {
  for (const Words& options : {Words{"-a"}, Words{"-aUc", "-P", "64"}}) {
    const std::string id = unique_id("name"), seconds = unique_seconds();
    const auto named = [&](const std::string& program, const std::string& word) {
      Words words{binary()};
      words.insert(words.end(), options.begin(), options.end());
      words.insert(words.end(), {"--name", id, program, word});
      return words;
    };
    Running first(named("/bin/sleep", seconds));
    ASSERT_TRUE(wait_until([&] { return !processes_with(seconds, "/bin/sleep").empty(); }));
    const Result second = run(named("/bin/echo", "started"));
    EXPECT_EQ(second.status, 125);
    EXPECT_EQ(second.out, "");
    EXPECT_NE(second.err.find("hint: a container of this name is running"), std::string::npos)
        << second.err;
    EXPECT_EQ(processes_with(seconds, "/bin/sleep").size(), 1U);
    first.signal(SIGTERM);
    EXPECT_EQ(first.wait().status, 143);
    EXPECT_EQ(leftovers(id), Words{});
  }
}

TEST(Name, CanBeUsedAgain) {
  const std::string id = unique_id("name");
  for (int i = 0; i < 5; ++i) {
    EXPECT_EQ(mydocker({"-aUc", "-P", "64", "--name", id, "/bin/true"}).status, 0);
  }
}

TEST(Name, OfAContainerWhoseMyDockerWasKilledCanBeUsedAtOnce) {
  for (const char* const mode : {"-ac", "-aUc"}) {
    const std::string id = unique_id("name"), seconds = unique_seconds();
    Running first({binary(), mode, "-P", "64", "--name", id, "/bin/bash", "-c",
                   "setsid /bin/sleep " + seconds + " & exec /bin/sleep " + seconds});
    ASSERT_TRUE(wait_until([&] { return processes_with(seconds, "/bin/sleep").size() == 2; }));
    first.signal(SIGKILL);
    EXPECT_EQ(first.wait().status, 137);
    const Result second = mydocker({mode, "-P", "64", "--name", id, "/bin/bash", "-c", "exit 7"});
    EXPECT_EQ(second.status, 7) << second.err;
    EXPECT_TRUE(processes_with(seconds, "/bin/sleep").empty());
    EXPECT_EQ(leftovers(id), Words{});
  }
}

TEST(Name, OfAKilledContainerCanBeUsedWhileOthersSweepItsRecord) {
  for (int round = 0; round < 10; ++round) {
    const std::string id = unique_id("name"), seconds = unique_seconds();
    Running first({binary(), "-aUc", "-P", "64", "--name", id, "/bin/sleep", seconds});
    ASSERT_TRUE(wait_until([&] { return !processes_with(seconds, "/bin/sleep").empty(); }));
    first.signal(SIGKILL);
    EXPECT_EQ(first.wait().status, 137);
    std::deque<Running> others;
    for (int i = 0; i < 4; ++i) others.emplace_back(Words{binary(), "-a", "/bin/true"});
    const Result second = mydocker({"-aUc", "-P", "64", "--name", id, "/bin/true"});
    EXPECT_EQ(second.status, 0) << second.err;
    for (auto& other : others) EXPECT_EQ(other.wait().status, 0);
    EXPECT_EQ(leftovers(id), Words{});
  }
}

TEST(Name, ThatIsInUseIsRefusedAndTheRunningContainerIsUnharmed) {
  for (const Words& options : {Words{"-a"}, Words{"-aUc", "-P", "64"}}) {
    const std::string id = unique_id("name"), seconds = unique_seconds();
    const auto named = [&](const std::string& program, const std::string& word) {
      Words words{binary()};
      words.insert(words.end(), options.begin(), options.end());
      words.insert(words.end(), {"--name", id, program, word});
      return words;
    };
    Running first(named("/bin/sleep", seconds));
    ASSERT_TRUE(wait_until([&] { return !processes_with(seconds, "/bin/sleep").empty(); }));
    const auto held = leftovers(id).size();
    EXPECT_GE(held, 1U);
    for (int i = 0; i < 3; ++i) {
      const Result second = run(named("/bin/echo", "started"));
      EXPECT_EQ(second.status, 125);
      EXPECT_EQ(second.out, "");
      EXPECT_NE(second.err.find("hint: a container of this name is running"), std::string::npos)
          << second.err;
    }
    EXPECT_EQ(leftovers(id).size(), held) << "the refused ones took away what is not theirs";
    EXPECT_EQ(processes_with(seconds, "/bin/sleep").size(), 1U);
    first.signal(SIGTERM);
    EXPECT_EQ(first.wait().status, 143);
    EXPECT_EQ(leftovers(id), Words{});
  }
}

TEST(Name, IsGivenToOneOfManyThatWantItAtTheSameTime) {
  const std::string id = unique_id("name"), seconds = unique_seconds();
  constexpr int kCount = 8;
  std::deque<Running> all;
  for (int i = 0; i < kCount; ++i) {
    all.emplace_back(Words{binary(), "-aUc", "-P", "64", "--name", id, "/bin/bash", "-c",
                           "trap 'exit 0' TERM; echo up; /bin/sleep " + seconds + " & wait"});
  }
  Running* winner = nullptr;
  ASSERT_TRUE(wait_until([&] {
    for (auto& one : all) {
      if (one.wait_for_output("up\n", std::chrono::seconds(0))) winner = &one;
    }
    return winner != nullptr;
  }));
  for (auto& one : all) {
    if (&one == winner) continue;
    EXPECT_EQ(one.wait().status, 125);
  }
  EXPECT_TRUE(wait_until([&] { return processes_with(seconds, "/bin/sleep").size() == 1; }));
  winner->signal(SIGTERM);
  EXPECT_EQ(winner->wait().status, 0);
  EXPECT_EQ(leftovers(id), Words{});
}

}  // namespace
}  // namespace mydocker::test
