// The words of the command line, before anybody judges their values.
#include "cli/help.hpp"
#include "unit/samples.hpp"

namespace mydocker::test {
namespace {

using cli::Options;

std::string usage_error(const Words& words) {
  try {
    static_cast<void>(options_of(words));
  } catch (const UsageError& error) {
    return error.what();
  }
  return "it was accepted";
}

TEST(Options, OfTheOriginalsExampleAreUnderstood) {
  const Options options = options_of({"-aUc", "-C", "50", "-I", "20", "-P", "333", "/bin/bash"});
  EXPECT_TRUE(options.all_namespaces);
  EXPECT_TRUE(options.user_namespace);
  EXPECT_TRUE(options.limits);
  EXPECT_EQ(options.memory, std::nullopt);
  EXPECT_EQ(options.cpu, "50");
  EXPECT_EQ(options.io, "20");
  EXPECT_EQ(options.pids, "333");
  EXPECT_EQ(options.entrypoint, Words{"/bin/bash"});
}

TEST(Options, BundleInAnyOrder) {
  for (const char* const word : {"-aUc", "-cUa", "-Uac"}) {
    const Options options = options_of({word, "ls"});
    EXPECT_TRUE(options.all_namespaces && options.user_namespace && options.limits) << word;
  }
  EXPECT_FALSE(options_of({"-aU", "ls"}).limits);
}

TEST(Options, TakeAttachedValuesInABundleToo) {
  EXPECT_EQ(options_of({"-ac", "-M512m", "ls"}).memory, "512m");
  EXPECT_EQ(options_of({"-acM512m", "ls"}).memory, "512m");
  EXPECT_EQ(options_of({"-a", "--hostname=web", "ls"}).hostname, "web");
  EXPECT_EQ(options_of({"-a", "--env=A=1", "ls"}).environment, Words{"A=1"});
}

TEST(Options, TakeTheLastOfARepeatedValue) {
  EXPECT_EQ(options_of({"-ac", "-C5", "-C", "6", "ls"}).cpu, "6");
}

TEST(Options, KeepNegativeAndEmptyValuesForTheJudge) {
  EXPECT_EQ(options_of({"-ac", "-C", "-5", "ls"}).cpu, "-5");
  EXPECT_EQ(options_of({"-ac", "-M", "-1k", "ls"}).memory, "-1k");
  EXPECT_EQ(options_of({"-ac", "-M", "", "ls"}).memory, "");
  EXPECT_EQ(options_of({"-a", "--hostname", "", "ls"}).hostname, "");
  EXPECT_EQ(options_of({"-a", "--env", "", "ls"}).environment, Words{""});
}

TEST(Options, LeaveBracketsQuotesAndCommasInValues) {
  for (const char* const value :
       {"{}", "[A=1,B=2]", "A=\"x\"", "A=x,y", "A=%%", "A=two words", "A=1\n2"}) {
    EXPECT_EQ(options_of({"-a", "--env", value, "ls"}).environment, Words{value});
    EXPECT_EQ(options_of({"-a", "--hostname", value, "ls"}).hostname, value);
  }
}

TEST(Options, ThatRepeatDoNotEatTheEntrypoint) {
  const Options options = options_of({"-a", "--env", "A=1", "--env", "B", "--volume", "/a:/b",
                                      "--volume", "/c:/d:ro", "--tmpfs", "/e", "/bin/sh", "-x"});
  EXPECT_EQ(options.environment, (Words{"A=1", "B"}));
  EXPECT_EQ(options.volumes, (Words{"/a:/b", "/c:/d:ro"}));
  EXPECT_EQ(options.tmpfs, Words{"/e"});
  EXPECT_EQ(options.entrypoint, (Words{"/bin/sh", "-x"}));
}

TEST(Options, EndAtTheEntrypointWhoseWordsStayAsTheyAre) {
  const Words entrypoint{"/bin/sh", "-c", "exit 7", "-U", "--env", "A", "--", "-Z", "--init", ""};
  Words words{"-a"};
  words.insert(words.end(), entrypoint.begin(), entrypoint.end());
  const Options options = options_of(words);
  EXPECT_EQ(options.entrypoint, entrypoint);
  EXPECT_FALSE(options.user_namespace);
  EXPECT_FALSE(options.init);
  EXPECT_EQ(options.environment, Words{});
}

TEST(Options, EndAtADoubleDash) {
  EXPECT_EQ(options_of({"-a", "--", "-weird", "x"}).entrypoint, (Words{"-weird", "x"}));
  EXPECT_EQ(options_of({"-a", "--", "/bin/sh", "--", "x"}).entrypoint,
            (Words{"/bin/sh", "--", "x"}));
  EXPECT_EQ(options_of({"-a", "--env", "A", "--", "ls"}).entrypoint, Words{"ls"});
  EXPECT_EQ(options_of({"-a", "--", "--", "x"}).entrypoint, (Words{"--", "x"}));
  EXPECT_EQ(options_of({"-a", "--"}).entrypoint, Words{});
}

TEST(Options, TakeAnyFirstWordWithoutADashAsTheEntrypoint) {
  for (const char* const word : {"doctor", "run", "512m", "/c", "++", "a=b", ""}) {
    EXPECT_EQ(options_of({"-a", word, "-M", "5"}).entrypoint, (Words{word, "-M", "5"})) << word;
    EXPECT_EQ(options_of({"-a", word, "-M", "5"}).memory, std::nullopt) << word;
  }
}

TEST(Options, ThatAreUnknownAreNamed) {
  for (const char* const word : {"-Z", "-A", "-5", "--bogus", "-"}) {
    const std::string text = usage_error({"-a", word, "/bin/sh"});
    EXPECT_EQ(text, "unknown option '" + std::string(word) + "': 'MyDocker -h' lists them");
  }
  for (const char* const word : {"--hostnam", "--Hostname"}) {
    EXPECT_EQ(usage_error({"-a", word, "/bin/sh"}),
              "unknown option '" + std::string(word) +
                  "': did you mean '--hostname'?: 'MyDocker -h' lists them");
  }
  EXPECT_EQ(usage_error({"-aZ", "ls"}), "unknown option '-Z': 'MyDocker -h' lists them");
  EXPECT_EQ(usage_error({"--bogus=1"}), "unknown option '--bogus': 'MyDocker -h' lists them");
}

TEST(Options, ThatLackTheirValueAreNamedInOneLine) {
  for (const char* const word : {"-M", "--hostname", "--env", "--volume"}) {
    const std::string text = usage_error({"-a", word});
    EXPECT_EQ(text.find(word), 0U) << text;
    EXPECT_EQ(text.find('\n'), std::string::npos) << text;
  }
}

TEST(Options, AskForHelpInBothForms) {
  EXPECT_TRUE(options_of({"-h"}).help);
  EXPECT_TRUE(options_of({"--help"}).help);
  EXPECT_TRUE(options_of({"-ah"}).help);
  EXPECT_FALSE(options_of({"-a", "ls", "-h"}).help);
}

TEST(Options, AreAllSetByTheirWords) {
  const Options options = options_of(
      {"-a",        "--rootfs",    "/r",        "--hostname", "h",      "--workdir", "/w",
       "--user",    "1:2",         "--timeout", "3",          "--name", "n",         "--report",
       "f",         "--read-only", "--tty",     "--no-tty",   "--init", "--dry-run", "--explain",
       "--timings", "--json",      "--version", "ls"});
  EXPECT_EQ(options.rootfs, "/r");
  EXPECT_EQ(options.hostname, "h");
  EXPECT_EQ(options.workdir, "/w");
  EXPECT_EQ(options.user, "1:2");
  EXPECT_EQ(options.timeout, "3");
  EXPECT_EQ(options.name, "n");
  EXPECT_EQ(options.report, "f");
  EXPECT_TRUE(options.read_only && options.tty && options.no_tty && options.init);
  EXPECT_TRUE(options.dry_run && options.explain && options.timings && options.json &&
              options.version);
}

TEST(Help, ListsEveryOptionOfTheContract) {
  const std::string help = cli::help_text();
  for (const char* const option :
       {"-a", "-U", "-c", "-M", "-C", "-P", "-I", "-h", "--dry-run", "--explain"}) {
    EXPECT_NE(help.find(option), std::string::npos) << option;
  }
  for (const char* const range :
       {"1-4294967296", "1-100", "10-32768", "10-1000", "1073741824", "25", "64"}) {
    EXPECT_NE(help.find(range), std::string::npos) << range;
  }
}

TEST(Options, WithAnAttachedEmptyValueDoNotEatTheEntrypoint) {
  const Options options = options_of({"-a", "--name=", "--env=", "ls"});
  EXPECT_EQ(options.name, "");
  EXPECT_EQ(options.environment, Words{""});
  EXPECT_EQ(options.entrypoint, Words{"ls"});
}

TEST(Options, ThatAreFlagsTakeNoValue) {
  EXPECT_NE(usage_error({"-a", "--dry-run=no", "ls"}).find("takes no value"), std::string::npos);
  EXPECT_EQ(usage_error({"-a", "--dry-run=\x1b[2J", "ls"}).find('\x1b'), std::string::npos);
}

}  // namespace
}  // namespace mydocker::test
