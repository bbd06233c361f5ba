// What passes between the person and the container: every byte, in order, to the end.
#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <array>

#include "sys/files.hpp"
#include "terminal/pty_session.hpp"

namespace mydocker::test {
namespace {

std::string content(const UniqueFd& file) {
  ::lseek(file.get(), 0, SEEK_SET);
  return sys::read_all(file.get(), 1 << 20);
}

// A pipe with `text` in it and nobody who writes any more.
UniqueFd pipe_with(std::string_view text) {
  std::array<int, 2> ends{};
  if (::pipe2(ends.data(), O_CLOEXEC) < 0) std::abort();
  const UniqueFd in(ends[1]);
  sys::write_all(in.get(), text);
  return UniqueFd(ends[0]);
}

UniqueFd new_file() { return UniqueFd(::memfd_create("stream", MFD_CLOEXEC)); }

TEST(Stream, OfAMegabyteArrivesComplete) {
  PtySession person(mydocker_command(
      {"-a", "/bin/bash", "-c", "head -c 1000000 /dev/zero | tr '\\0' x; echo; echo the end"}));
  EXPECT_EQ(person.status(), 0);
  EXPECT_EQ(std::count(person.screen().begin(), person.screen().end(), 'x'), 1000000);
  EXPECT_TRUE(person.screen().ends_with("\r\nthe end\r\n"));
}

TEST(Stream, LosesNothingOfTheLastWords) {
  for (int i = 0; i < 200; ++i) {
    PtySession person(mydocker_command({"-a", "/bin/echo", "last words"}));
    ASSERT_EQ(person.status(), 0);
    ASSERT_EQ(person.screen(), "last words\r\n") << "repetition " << i;
  }
}

TEST(Stream, PassesEachOfThe256BytesBothWays) {
  PtySession person(
      mydocker_command({"-a", "/bin/bash", "-c", "stty raw -echo; printf 'ready>'; head -c 512"}));
  ASSERT_TRUE(person.sees("ready>"));
  ASSERT_TRUE(person.until([&] { return person.is_raw(); }));
  std::string bytes;
  for (int i = 0; i < 512; ++i) bytes += static_cast<char>(i < 256 ? i : 511 - i);
  person.type(bytes);
  EXPECT_EQ(person.status(), 0);
  EXPECT_EQ(person.screen(), "ready>" + bytes);
}

TEST(Stream, OfALongPasteArrivesComplete) {
  PtySession person(mydocker_command(
      {"-a", "/bin/bash", "-c", "stty -echo; echo set; sleep 0.5; wc -l; exit 12"}));
  ASSERT_TRUE(person.sees("set"));
  ASSERT_TRUE(person.until([&] { return person.is_raw(); }));
  for (int i = 0; i < 2000; ++i) person.type("a line of the paste, and it is a rather long one\r");
  person.type("\x04");
  EXPECT_EQ(person.status(), 12);
  EXPECT_EQ(person.screen(), "set\r\n2000\r\n");
}

TEST(Stream, ThatIsAPipeStaysPlainBesideTheTerminal) {
  const UniqueFd out = new_file();
  PtySession person(mydocker_command({"-a", "/bin/bash", "-c",
                                      "echo to the pipe; read -r line; echo got $line; tty >&2; "
                                      "test -t 1 || echo no terminal; test -t 2"}),
                    {}, {.out = out.get()});
  ASSERT_TRUE(person.until([&] { return person.is_raw(); }));
  person.type("typed\r");
  EXPECT_EQ(person.status(), 0);
  EXPECT_EQ(content(out), "to the pipe\ngot typed\nno terminal\n");
  EXPECT_EQ(person.screen(), "typed\r\n/dev/pts/0\r\n");
}

TEST(Stream, ThatIsAPipeAsInputGivesNoTerminal) {
  PtySession person(mydocker_command({"-a", "/bin/bash", "-c",
                                      "cat; test -t 0 || echo no terminal; test -e /dev/console || "
                                      "echo no console"}),
                    {}, {.in = pipe_with("from the pipe\n").get()});
  EXPECT_EQ(person.status(), 0);
  EXPECT_EQ(person.screen(), "from the pipe\r\nno terminal\r\nno console\r\n");
}

class TtyWithAPipe : public testing::TestWithParam<std::string> {};

INSTANTIATE_TEST_SUITE_P(Inputs, TtyWithAPipe, testing::Values("", "a line\n", "an open line"),
                         [](const auto& each) { return "Input" + std::to_string(each.index); });

TEST_P(TtyWithAPipe, IsATerminalInsideAndEndsWithThePipe) {
  const UniqueFd out = new_file();
  PtySession person(
      mydocker_command(
          {"-a", "--tty", "/bin/bash", "-c",
           "stty -echo; test -t 0 && test -t 1 && test -t 2 && tty; cat; cat; exit 4"}),
      {}, {.in = pipe_with(GetParam()).get(), .out = out.get()});
  EXPECT_EQ(person.status(), 4);
  const std::string text = content(out);
  EXPECT_NE(text.find("/dev/pts/0\r\n"), std::string::npos) << text;
  EXPECT_NE(text.find(GetParam().substr(0, GetParam().find('\n'))), std::string::npos);
  EXPECT_EQ(person.screen(), "") << "the output belongs to the pipe, not to a terminal beside it";
}

TEST(TtyWithoutInput, EndsAnInteractiveShellToo) {
  const UniqueFd null(::open("/dev/null", O_RDONLY | O_CLOEXEC));
  PtySession person(mydocker_command({"-a", "--tty", "/bin/bash", "--norc"}), {},
                    {.in = null.get()});
  EXPECT_EQ(person.status(), 0);
}

TEST(TtyWithoutReader, StillObeysSignalsAndTheClock) {
  std::array<int, 2> ends{};
  ASSERT_EQ(::pipe2(ends.data(), O_CLOEXEC), 0);
  UniqueFd unread(ends[0]);
  const UniqueFd full(ends[1]);
  const UniqueFd null(::open("/dev/null", O_RDONLY | O_CLOEXEC));
  const Streams streams{.in = null.get(), .out = full.get()};
  PtySession person(mydocker_command({"-a", "--tty", "--timeout", "1", "/bin/yes"}), {}, streams);
  ASSERT_TRUE(person.until([&] { return name_of(child_of(person.pid())) == "yes"; }));
  const std::string state = "/proc/" + std::to_string(child_of(person.pid())) + "/status";
  EXPECT_TRUE(person.until([&] {
    return sys::try_read_file(state).value_or("").find("State:\tZ") != std::string::npos;
  })) << "the timeout does not wait for a reader";
  person.signal(SIGTERM);
  EXPECT_EQ(person.status(), 124);
}

TEST(NoTerminal, AtAllIsFine) {
  // Running gives /dev/null and files; setsid takes the controlling terminal away.
  const Result result = run({"/usr/bin/setsid", "--wait", binary(), "-a", "/bin/bash", "-c",
                             "tty; cat; test -e /dev/console || echo none; exit 3"});
  EXPECT_EQ(result.status, 3);
  EXPECT_EQ(result.out, "not a tty\nnone\n");
  EXPECT_EQ(result.err, "");
}

TEST(NoTerminal, AndNoStandardDescriptorAtAllIsFine) {
  const std::string start = "exec " + binary() + " -a /bin/bash -c ";
  const Result no_input = run({"/bin/sh", "-c", "exec 0<&-; " + start + "'cat; echo done'"});
  EXPECT_EQ(no_input.status, 0);
  EXPECT_EQ(no_input.out, "done\n");
  EXPECT_EQ(no_input.err, "");
  const Result nothing =
      run({"/bin/sh", "-c", "exec 0<&- 1>&- 2>&-; " + start + "'cat; echo done && exit 8'"});
  EXPECT_EQ(nothing.status, 8);
}

}  // namespace
}  // namespace mydocker::test
