// What is remembered of a container, and the lines of its log.
#include "life/about.hpp"
#include "life/log.hpp"
#include "unit/samples.hpp"

namespace mydocker::test {
namespace {

// As the record of the plan has it.
std::optional<life::About> about(const std::vector<std::string>& words) {
  const Plan plan = plan_for(words);
  const auto* const child = std::get_if<RecordChild>(&plan.attach.front().action);
  return child == nullptr ? std::nullopt : life::about_in(child->description);
}

TEST(About, WhatIsWrittenDownIsReadBack) {
  const auto found = about({"-aUc",
                            "-M",
                            "1g",
                            "-u",
                            "1000:1001",
                            "-w",
                            "/srv",
                            "-e",
                            "A=\n\"b\"",
                            "--cap-add",
                            "NET_RAW",
                            "--init",
                            "--stop-signal",
                            "INT",
                            "--landlock-ro",
                            "/usr",
                            "--seccomp",
                            "original",
                            "ls",
                            "-l"});
  ASSERT_TRUE(found);
  EXPECT_EQ(found->root, "/srv/root");
  EXPECT_EQ(found->cgroup, "mydocker/0123456789ab");
  EXPECT_EQ(found->command, (std::vector<std::string>{"ls", "-l"}));
  EXPECT_EQ(found->process.user, (User{1000, 1001, {1001}}));
  EXPECT_EQ(found->process.workdir, "/srv");
  EXPECT_EQ(found->process.environment.back(), "A=\n\"b\"");
  EXPECT_EQ(found->process.capabilities.bounding.size(), 10U);
  EXPECT_EQ(found->process.capabilities.ambient, std::vector<int>{13});
  EXPECT_EQ(found->stop_signal, SIGINT);
  EXPECT_EQ(found->files, (FileAccess{{"/usr"}, {}}));
  EXPECT_TRUE(found->has_user_namespace);
  EXPECT_TRUE(found->has_init);
  EXPECT_TRUE(std::holds_alternative<OriginalDenylist>(found->seccomp));
}

TEST(About, EveryListOfSystemCalls) {
  EXPECT_EQ(about({"-a", "ls"})->seccomp, SeccompChoice(DefaultAllowlist{}));
  EXPECT_EQ(about({"-a", "--abi32", "ls"})->seccomp, SeccompChoice(DefaultAllowlist{true}));
  EXPECT_EQ(about({"-a", "--seccomp", "unconfined", "ls"})->seccomp, SeccompChoice(Unconfined{}));
}

TEST(About, AProfileIsKeptWhole) {
  ContainerSpec spec;
  SeccompProfile profile;
  profile.default_action = SeccompAction::error;
  profile.default_error = 38;
  profile.architectures = {"SCMP_ARCH_X86_64"};
  profile.rules = {{{"read", "write"}, SeccompAction::allow, std::nullopt, {}}};
  spec.seccomp = profile;
  const std::string text = life::remembered(spec, "an image");
  EXPECT_EQ(text.find('\n'), std::string::npos) << "a record has a line for it";
  const auto found = life::about_in(
      R"({"root": "", "command": [], "cgroup": null, "network": "none", )" + text + "}");
  ASSERT_TRUE(found);
  EXPECT_EQ(found->image, "an image");
  EXPECT_EQ(found->seccomp, SeccompChoice(profile));
}

TEST(About, WhatIsNone) {
  for (const char* const text : {"", "{", "[]", "{}", R"({"root": 1})"})
    EXPECT_FALSE(life::about_in(text)) << text;
}

TEST(LogLines, FullOnesAndTheRest) {
  EXPECT_EQ(life::log_lines(0, life::StreamName::out, "a\n\nb"),
            "1970-01-01T00:00:00.000000000Z stdout F a\n"
            "1970-01-01T00:00:00.000000000Z stdout F \n"
            "1970-01-01T00:00:00.000000000Z stdout P b\n");
  EXPECT_EQ(life::log_lines(0, life::StreamName::error, ""), "");
}

TEST(LogLines, AreReadBack) {
  const auto line = life::parse_log_line("1970-01-01T00:00:00.000000005Z stderr P  a b ");
  ASSERT_TRUE(line);
  EXPECT_EQ(line->time, 5);
  EXPECT_EQ(line->stream, life::StreamName::error);
  EXPECT_FALSE(line->is_full);
  EXPECT_EQ(line->text, " a b ");
  for (const char* const text : {"", "x", "1970-01-01T00:00:00Z", "1970-01-01T00:00:00Z stdin F x",
                                 "1970-01-01T00:00:00Z stdout X x", "now stdout F x"})
    EXPECT_FALSE(life::parse_log_line(text)) << text;
}

}  // namespace
}  // namespace mydocker::test
