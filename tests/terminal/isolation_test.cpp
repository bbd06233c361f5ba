// The person's terminal stays the person's: what a container without one, or in the background, can
// do to it; and what MyDocker costs beside it.
#include <fcntl.h>

#include <csignal>

#include "terminal/pty_session.hpp"

namespace mydocker::test {
namespace {

constexpr std::chrono::milliseconds kHardlyAny(10);

// What a process uses in one second.
std::chrono::nanoseconds used_in_a_second(PtySession& person, pid_t pid) {
  const auto before = processor_time(pid);
  person.rest(Limit(1000));
  return processor_time(pid) - before;
}

std::vector<std::string> probe_command(std::vector<std::string> options) {
  const std::string folder = TERMINAL_PROBE;
  for (const std::string& word :
       {std::string("--tmpfs"), std::string("/probe"), std::string("--volume"),
        folder + ":/probe/it:ro", std::string("/probe/it")}) {
    options.push_back(word);
  }
  return mydocker_command(std::move(options));
}

TEST(NoTty, LeavesTheDescriptorsButNoControllingTerminal) {
  PtySession person(mydocker_command(
      {"-a", "--no-tty", "/bin/bash", "-c",
       "test -t 0 && test -t 1 && echo a terminal; test -e /dev/console || echo no console; "
       "ps -o tty=,sid= -p $$; true < /dev/tty"}));
  EXPECT_EQ(person.status(), 1);
  EXPECT_TRUE(person.sees("a terminal\r\nno console\r\n?"));
  EXPECT_TRUE(person.sees(" 1\r\n")) << "PID 1 leads a session of its own";
  EXPECT_TRUE(person.sees("No such device or address")) << person.screen();
}

TEST(NoTty, GivesNoWayToTypeIntoThePersonsTerminal) {
  PtySession person(probe_command({"-a", "--no-tty"}));
  EXPECT_EQ(person.status(), 0);
  EXPECT_TRUE(person.sees("tried")) << person.screen();
  EXPECT_EQ(person.screen().find(": 0\r\n"), std::string::npos) << person.screen();
  EXPECT_EQ(person.unread(), 0);
}

TEST(OwnTerminal, GivesNoWayToTypeIntoThePersonsTerminal) {
  for (const char* const options : {"-a", "-aU"}) {
    PtySession person(probe_command({options}));
    EXPECT_EQ(person.status(), 0);
    EXPECT_TRUE(person.sees("tried")) << person.screen();
    EXPECT_EQ(person.unread(), 0);
  }
}

TEST(OwnTerminal, CanBeClosedAndOpenedAgain) {
  PtySession person(mydocker_command(
      {"-a", "/bin/bash", "-c",
       "exec 0<&- 1>&- 2>&-; sleep 0.3; exec 0<> /dev/console 1>&0 2>&0; tty; read -r line; "
       "echo got $line"}));
  EXPECT_TRUE(person.sees("/dev/"));
  person.type("typed\r");
  EXPECT_TRUE(person.sees("got typed\r\n")) << person.screen();
  EXPECT_EQ(person.status(), 0);
}

TEST(Idle, CostsNoProcessorTime) {
  PtySession person(mydocker_command({"-a", "/bin/sleep", "100"}));
  ASSERT_TRUE(person.until([&] { return person.is_raw(); }));
  EXPECT_LT(used_in_a_second(person, person.pid()), kHardlyAny);
  person.type(std::string(20000, 'x'));  // more than a terminal holds, and nobody reads it
  person.rest(Limit(200));
  EXPECT_LT(used_in_a_second(person, person.pid()), kHardlyAny);
}

TEST(Idle, CostsNoProcessorTimeWithoutInput) {
  const UniqueFd null(::open("/dev/null", O_RDONLY | O_CLOEXEC));
  PtySession person(mydocker_command({"-a", "--tty", "/bin/sleep", "100"}), {}, {.in = null.get()});
  ASSERT_TRUE(person.until([&] { return name_of(child_of(person.pid())) == "sleep"; }));
  EXPECT_LT(used_in_a_second(person, person.pid()), kHardlyAny);
}

// An interactive shell of the host, in which the person starts MyDocker.
class Background : public testing::Test {
 protected:
  void SetUp() override { ASSERT_TRUE(person.sees(kPrompt)); }

  // Starts `entrypoint` in the background; the pid of MyDocker.
  pid_t start(const std::string& entrypoint) {
    person.type(binary() + " -a " + entrypoint + " &\r");
    EXPECT_TRUE(person.sees(kPrompt));
    const std::string pid = person.answer("echo $!");
    return static_cast<pid_t>(std::stol(pid));
  }

  PtySession person{{"/usr/bin/env", kSetPrompt, "TERM=dumb", "HISTFILE=", "/bin/bash", "--norc",
                     "--noprofile", "-i"}};
};

TEST_F(Background, NeitherStopsNorSpins) {
  const pid_t mydocker = start("/bin/sleep 100");
  ASSERT_TRUE(person.until([&] { return name_of(child_of(mydocker)) == "sleep"; }));
  EXPECT_LT(used_in_a_second(person, mydocker), kHardlyAny);
  EXPECT_NE(person.answer("jobs").find("Running"), std::string::npos) << person.screen();
  EXPECT_EQ(person.answer("echo the shell still reads"), "the shell still reads");
  EXPECT_TRUE(person.answer("kill %1; wait %1; echo $?").ends_with("143"));
}

TEST_F(Background, ShowsOutputAndTakesInputInTheForegroundAlone) {
  start("/bin/bash -c 'echo hel''lo; read -r line; echo got $line; exit 7'");
  EXPECT_TRUE(person.sees("hello"));
  EXPECT_EQ(person.answer("echo for the shell"), "for the shell");
  person.type("fg\r");
  ASSERT_TRUE(person.until([&] { return person.is_raw(); }));
  person.type("typed\r");
  EXPECT_TRUE(person.sees("got typed")) << person.screen();
  EXPECT_TRUE(person.sees(kPrompt));
  EXPECT_EQ(person.answer("echo $was"), "7");
}

TEST_F(Background, AfterAStopLeavesTheShellItsTerminal) {
  for (const int stop : {SIGTSTP, SIGSTOP}) {
    person.type(binary() + " -a /bin/bash -c 'echo sta''rted; sleep 100'\r");
    ASSERT_TRUE(person.sees("started"));
    ASSERT_TRUE(person.until([&] { return person.is_raw(); }));
    ::kill(child_of(person.pid()), stop);
    ASSERT_TRUE(person.sees("Stopped"));
    ASSERT_TRUE(person.sees(kPrompt));
    person.type("bg\r");
    ASSERT_TRUE(person.sees(kPrompt));
    EXPECT_EQ(person.answer("echo the shell reads"), "the shell reads");
    person.type("fg\r");
    ASSERT_TRUE(person.until([&] { return person.is_raw(); }));
    person.type("\x03");
    EXPECT_TRUE(person.sees(kPrompt)) << person.screen();
    EXPECT_EQ(person.answer("echo $was"), "130");
  }
}

}  // namespace
}  // namespace mydocker::test
