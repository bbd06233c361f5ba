// What the command line refuses: each text names the option, what came and what is allowed.
#include "unit/samples.hpp"

namespace mydocker::test {
namespace {

constexpr const char* kMemory = "1 to 4294967296 bytes, also with a unit k, m or g";

void expect_refused(const char* option, const std::vector<std::string>& values,
                    const std::string& allowed) {
  for (const auto& value : values) {
    EXPECT_EQ(refusal_of({"-ac", option, value, "ls"}),
              std::string(option) + " '" + value + "': allowed are " + allowed);
  }
}

TEST(Refusals, OfMemory) {
  expect_refused("-M",
                 {"0", "4294967297", "5g", "4097m", "0k", "", "abc", "-1", "1.5g", "1kb", "0x10",
                  " 1", "1t", "99999999999999999999999"},
                 kMemory);
}

TEST(Refusals, OfCpu) {
  expect_refused("-C", {"0", "101", "", "abc", "-5", "50%", "5k", "1.5", "0x10"}, "1 to 100");
}

TEST(Refusals, OfPids) {
  expect_refused("-P", {"9", "32769", "", "all", "-10", "1k", "max"}, "10 to 32768");
}

TEST(Refusals, OfIoWeight) {
  expect_refused("-I", {"9", "1001", "", "x", "-10", "1k"}, "10 to 1000");
}

TEST(Refusals, ShowControlCharactersQuoted) {
  EXPECT_EQ(refusal_of({"-ac", "-C", "\x1b[2J", "ls"}), "-C '\\x1b[2J': allowed are 1 to 100");
}

TEST(Refusals, OfALimitWithoutTheSwitch) {
  for (const char* const option : {"-M", "-C", "-P", "-I"}) {
    const std::string text = refusal_of({"-a", option, "20", "ls"});
    EXPECT_EQ(text.find(option), 0U) << text;
    EXPECT_NE(text.find("need -c"), std::string::npos) << text;
  }
  EXPECT_NE(refusal_of({"-aU", "-M", "20", "ls"}).find("need -c"), std::string::npos)
      << "-U does not switch -c on";
}

TEST(Refusals, OfTheSwitchWithoutALimit) {
  const std::string text = refusal_of({"-ac", "ls"});
  EXPECT_EQ(text.find("-c: needs at least one of -M, -C, -P, -I"), 0U) << text;
  EXPECT_EQ(text.find('\n'), std::string::npos);
}

TEST(Refusals, OfNoNamespaces) {
  for (const Words& words :
       {Words{"ls"}, Words{"-U", "ls"}, Words{"-c", "-M", "5", "ls"}, Words{}}) {
    const std::string text = refusal_of(words);
    EXPECT_EQ(text.find("-a is missing"), 0U) << text;
    EXPECT_EQ(text.find('\n'), std::string::npos);
  }
}

TEST(Refusals, OfNoEntrypoint) {
  EXPECT_EQ(refusal_of({"-a"}).find("no entrypoint"), 0U);
  EXPECT_EQ(refusal_of({"-a", "--"}).find("no entrypoint"), 0U);
  EXPECT_EQ(refusal_of({"-a", ""}), "the entrypoint is an empty word");
}

TEST(Refusals, OfVolumes) {
  for (const char* const text : {"", "/a", ":/b", "/a:", "/a:/b:", "/a:/b:xx", "/a:/b:ro:z"}) {
    EXPECT_EQ(refusal_of({"-a", "--volume", text, "ls"}),
              "--volume '" + std::string(text) +
                  "': allowed are SRC:DST and SRC:DST:ro, DST an absolute path");
  }
  EXPECT_NE(refusal_of({"-a", "--volume", "/a:b", "ls"}).find("has to be an absolute path"),
            std::string::npos);
}

TEST(Refusals, OfTmpfs) {
  for (const char* const text : {"/t:", "/t:0", "/t:x", "/t:1.5m", "/t:1:2"}) {
    EXPECT_EQ(refusal_of({"-a", "--tmpfs", text, "ls"}),
              "--tmpfs '" + std::string(text) +
                  "': allowed are DST and DST:SIZE, a size in bytes or with k, m, g");
  }
  EXPECT_NE(refusal_of({"-a", "--tmpfs", "", "ls"}).find("has to be an absolute path"),
            std::string::npos);
}

TEST(Refusals, OfEnvironmentAndUser) {
  EXPECT_EQ(refusal_of({"-a", "--env", "", "ls"}), "--env '': allowed are NAME and NAME=VALUE");
  EXPECT_EQ(refusal_of({"-a", "--env", "=x", "ls"}), "--env '=x': allowed are NAME and NAME=VALUE");
  EXPECT_EQ(refusal_of({"-a", "--user", "nobody", "ls"}),
            "--user 'nobody': the root's /etc/passwd has no such user");
  EXPECT_NE(refusal_of({"-aU", "--user", "65536", "ls"}).find("uid 65536 does not exist"),
            std::string::npos);
}

TEST(Refusals, OfATerminalAndNone) {
  EXPECT_EQ(refusal_of({"-a", "--tty", "--no-tty", "ls"}).find("--tty and --no-tty"), 0U);
}

TEST(Refusals, TellEveryProblemOfTheSpecAtOnce) {
  const std::string text = refusal_of({"-a", "--name", "../x", "--hostname", "a b", "--workdir",
                                       "rel", "--volume", "/a:/proc", "--tmpfs", "/sys/x"});
  for (const char* const part : {"name '../x'", "hostname 'a b'", "no entrypoint", "workdir 'rel'",
                                 "volume target '/proc'", "tmpfs target '/sys/x'"}) {
    EXPECT_NE(text.find(part), std::string::npos) << part << "\n" << text;
  }
}

}  // namespace
}  // namespace mydocker::test
