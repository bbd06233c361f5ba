// The person's terminal afterwards: as it was before, whatever the end.
#include <csignal>

#include "support/host.hpp"
#include "terminal/pty_session.hpp"

namespace mydocker::test {
namespace {

// The settings of a person who has changed some: not only the usual ones have to come back.
termios unusual(PtySession& person) {
  termios settings = person.settings();
  settings.c_cc[VINTR] = '\x07';
  settings.c_iflag |= IXANY;
  return settings;
}

// Runs MyDocker once `before` has been set: by a shell that waits for a line first.
class Restored : public testing::Test {
 protected:
  void start(std::vector<std::string> words) {
    std::vector<std::string> command{"/bin/sh", "-c", "read -r line; exec \"$@\"", "sh"};
    for (auto& word : mydocker_command(std::move(words))) command.push_back(std::move(word));
    person_.emplace(command);
    before_ = unusual(*person_);
    person_->set_settings(before_);
    person_->type("go\r");
  }

  void wait_for_sleep() {
    ASSERT_TRUE(person_->until([&] {
      return person_->is_raw() && name_of(child_of(person_->pid())) == "sleep";
    })) << person_->screen();
  }

  // After the end, with this status.
  void expect_restored(int status) {
    EXPECT_EQ(person_->status(), status) << person_->screen();
    EXPECT_TRUE(are_same(person_->settings(), before_));
  }

  std::optional<PtySession> person_;
  termios before_{};
};

TEST_F(Restored, AfterAnOrdinaryEnd) {
  start({"-a", "/bin/bash", "-c", "stty raw -echo; exit 6"});
  expect_restored(6);
}

TEST_F(Restored, AfterASignalToMyDocker) {
  for (const int number : {SIGTERM, SIGINT, SIGQUIT, SIGHUP}) {
    start({"-a", "/bin/sleep", "100"});
    wait_for_sleep();
    person_->signal(number);
    expect_restored(128 + number);
  }
}

TEST_F(Restored, AfterATimeout) {
  start({"-a", "--timeout", "0.5", "/bin/sleep", "100"});
  expect_restored(124);
}

TEST_F(Restored, AfterAFailedSetUp) {
  start({"-a", "/no/such/program"});
  expect_restored(127);
  EXPECT_NE(person_->screen().find("'/no/such/program'"), std::string::npos);
  start({"-a", "--workdir", "/no/such/folder", "/bin/true"});
  expect_restored(125);
}

TEST_F(Restored, AfterTheContainerWasKilled) {
  start({"-a", "/bin/sleep", "100"});
  wait_for_sleep();
  ::kill(child_of(person_->pid()), SIGKILL);
  expect_restored(137);
}

TEST_F(Restored, WhileStopped) {
  start({"-a", "/bin/sleep", "100"});
  wait_for_sleep();
  person_->signal(SIGTSTP);
  ASSERT_TRUE(person_->until([&] { return person_->was_stopped(); }));
  EXPECT_TRUE(are_same(person_->settings(), before_));
  person_->resize({20, 70});
  person_->signal(SIGCONT);
  EXPECT_TRUE(person_->until([&] { return person_->is_raw(); }));
  person_->signal(SIGTERM);
  expect_restored(143);
}

TEST_F(Restored, AndRawAgainAfterAStopThatCannotBeCaught) {
  start({"-a", "/bin/sleep", "100"});
  wait_for_sleep();
  person_->signal(SIGSTOP);
  ASSERT_TRUE(person_->until([&] { return person_->was_stopped(); }));
  person_->set_settings(before_);  // as a shell does that takes its terminal back
  person_->signal(SIGCONT);
  EXPECT_TRUE(person_->until([&] { return person_->is_raw(); }));
  person_->type("\x03");
  expect_restored(130);
}

TEST(HangUp, ReachesTheContainerAndLeavesNothing) {
  for (const char* const entrypoint : {"/bin/sleep 100", "/bin/bash --norc", "/bin/cat"}) {
    const std::string id = unique_id("hangup");
    PtySession person(
        {"/bin/sh", "-c", "exec " + binary() + " -a --name " + id + " " + entrypoint});
    ASSERT_TRUE(person.until([&] {
      const std::string name = name_of(child_of(person.pid()));
      return person.is_raw() && (name == "sleep" || name == "bash" || name == "cat");
    }));
    person.hang_up();
    const int status = person.status();
    EXPECT_EQ(status, 129) << entrypoint;
    EXPECT_EQ(leftovers(id), std::vector<std::string>());
  }
}

TEST(HangUp, OfAContainerThatIgnoresItIsTheEndOfItsInput) {
  const std::string id = unique_id("hangup");
  PtySession person(mydocker_command(
      {"-a", "--name", id, "/bin/bash", "-c", "trap '' HUP; echo set; cat; cat; exit 11"}));
  ASSERT_TRUE(person.sees("set"));
  ASSERT_TRUE(person.until([&] { return person.is_raw(); }));
  person.hang_up();
  EXPECT_EQ(person.status(), 11);
  EXPECT_EQ(leftovers(id), std::vector<std::string>());
}

}  // namespace
}  // namespace mydocker::test
