// An interactive shell in a container, as a person meets it.
#include <csignal>

#include "terminal/pty_session.hpp"

namespace mydocker::test {
namespace {

// Returns when it has the terminal: a key between the shell's fork and then is the shell's, and
// bash takes that for the end of its input at times.
[[nodiscard]] bool sleeps(PtySession& person) {
  person.type("sleep 100\r");
  return person.until([&] { return runs_below(person.pid(), "sleep"); });
}

class InteractiveShell : public testing::TestWithParam<const char*> {
 protected:
  void SetUp() override { ASSERT_TRUE(person.sees(kPrompt)) << person.screen(); }

  PtySession person{shell_command({GetParam()})};
};

INSTANTIATE_TEST_SUITE_P(Options, InteractiveShell, testing::Values("-a", "-aU"),
                         [](const auto& each) { return std::string(each.param + 1); });

TEST_P(InteractiveShell, HasATerminalOfTheContainersOwn) {
  EXPECT_EQ(person.answer("tty"), "/dev/pts/0");
  EXPECT_EQ(person.answer("test -c /dev/console && echo yes"), "yes");
  EXPECT_EQ(person.answer("stat -L -c %t:%T /dev/console"),
            person.answer("stat -L -c %t:%T /dev/pts/0"));
  EXPECT_EQ(person.answer("echo through the console > /dev/console"), "through the console");
  EXPECT_EQ(person.answer("echo through the session > /dev/tty"), "through the session");
  EXPECT_EQ(person.answer("ps -o tty= -p $$"), "pts/0");
}

TEST_P(InteractiveShell, EndsWithTheStatusOfExit) {
  person.type("exit 42\r");
  EXPECT_EQ(person.status(), 42);
}

TEST_P(InteractiveShell, EndsWithControlD) {
  person.type("(exit 9)\r");
  ASSERT_TRUE(person.sees(kPrompt));
  person.type("\x04");
  EXPECT_EQ(person.status(), 9);
}

TEST_P(InteractiveShell, HasTheSizeOfThePersonsWindowAndFollowsIt) {
  person.resize({33, 177});
  EXPECT_TRUE(person.until([&] { return person.answer("stty size") == "33 177"; }));
  EXPECT_EQ(person.answer("trap 'echo changed to $(stty size)' WINCH"), "");
  person.resize({44, 188});
  // Bash runs the trap when a command has ended.
  EXPECT_TRUE(person.sees_after("\r", "changed to 44 188")) << person.screen();
}

TEST_P(InteractiveShell, InterruptsItsJobWithControlCAndLivesOn) {
  ASSERT_TRUE(sleeps(person));
  person.type("\x03");
  EXPECT_TRUE(person.sees("^C\r\n"));
  EXPECT_TRUE(person.sees(kPrompt));
  EXPECT_EQ(person.answer("echo $was"), "130");
}

TEST_P(InteractiveShell, HasJobControl) {
  ASSERT_TRUE(sleeps(person));
  person.type("\x1a");
  EXPECT_TRUE(person.sees("Stopped")) << person.screen();
  ASSERT_TRUE(person.sees(kPrompt));
  EXPECT_NE(person.answer("jobs").find("Stopped"), std::string::npos);
  person.type("fg\r");
  EXPECT_TRUE(person.sees("sleep 100\r\n"));
  EXPECT_TRUE(person.until([&] { return runs_below(person.pid(), "sleep"); }));
  person.type("\x03");
  EXPECT_TRUE(person.sees(kPrompt)) << person.screen();
  EXPECT_EQ(person.answer("jobs"), "");
  EXPECT_EQ(person.screen().find("no job control"), std::string::npos);
  EXPECT_EQ(person.screen().find("cannot set terminal"), std::string::npos);
}

TEST(Terminal, IsOfTheSizeOfThePersonsWindowFromTheStart) {
  PtySession person(mydocker_command({"-a", "/bin/stty", "size"}), {51, 133});
  EXPECT_EQ(person.status(), 0);
  EXPECT_EQ(person.screen(), "51 133\r\n");
}

TEST(Terminal, BelongsToTheContainersUser) {
  PtySession person(shell_command({"-aU", "--user", "1000"}));
  ASSERT_TRUE(person.sees(kPrompt)) << person.screen();
  EXPECT_EQ(person.answer("stat -c %u $(tty) /dev/console"), "1000\n1000");
  EXPECT_EQ(person.answer("echo mine > $(tty)"), "mine");
  EXPECT_EQ(person.answer("echo mine > /dev/stderr"), "mine");
}

TEST(Terminal, HasJobControlWithInit) {
  PtySession person(shell_command({"-a", "--init"}));
  ASSERT_TRUE(person.sees(kPrompt)) << person.screen();
  ASSERT_TRUE(sleeps(person));
  person.type("\x1a");
  EXPECT_TRUE(person.sees("Stopped")) << person.screen();
  ASSERT_TRUE(person.sees(kPrompt));
  person.type("fg\r");
  EXPECT_TRUE(person.sees("sleep 100\r\n"));
  EXPECT_TRUE(person.until([&] { return runs_below(person.pid(), "sleep"); }));
  person.type("\x03");
  EXPECT_TRUE(person.sees(kPrompt)) << person.screen();
  EXPECT_EQ(person.screen().find("no job control"), std::string::npos);
  person.type("exit 5\r");
  EXPECT_EQ(person.status(), 5);
}

struct Key {
  const char* name;
  const char* bytes;
  int status;
  bool init;
};

class KeyTyped : public testing::TestWithParam<Key> {};

INSTANTIATE_TEST_SUITE_P(Keys, KeyTyped,
                         testing::Values(Key{"ControlC", "\x03", 130, false},
                                         Key{"ControlBackslash", "\x1c", 131, false},
                                         Key{"ControlCWithInit", "\x03", 130, true},
                                         Key{"ControlBackslashWithInit", "\x1c", 131, true}),
                         [](const auto& each) { return std::string(each.param.name); });

TEST_P(KeyTyped, EndsAnEntrypointThatHasNoHandler) {
  std::vector<std::string> words{"-a", "/bin/sleep", "100"};
  if (GetParam().init) words.insert(words.begin() + 1, "--init");
  PtySession person(mydocker_command(words));
  ASSERT_TRUE(person.until([&] { return person.is_raw() && runs_below(person.pid(), "sleep"); }));
  person.type(GetParam().bytes);
  EXPECT_EQ(person.status(), GetParam().status);
  EXPECT_FALSE(person.is_raw());
}

TEST(Terminal, SendsOneInterruptForOneControlC) {
  const char* const script =
      "trap 'echo caught; ((++count == 2)) && exit 3' INT; echo set; while :; do read -t 0.1; done";
  PtySession person(mydocker_command({"-a", "/bin/bash", "-c", script}));
  ASSERT_TRUE(person.sees("set\r\n")) << person.screen();
  ASSERT_TRUE(person.until([&] { return person.is_raw(); }));
  person.type("\x03");
  ASSERT_TRUE(person.sees("caught"));
  person.rest(Limit(300));
  EXPECT_FALSE(person.sees("caught", Limit(0)));
  person.type("\x03");
  EXPECT_EQ(person.status(), 3);
}

}  // namespace
}  // namespace mydocker::test
