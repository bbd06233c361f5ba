// config.json as JSON: where a text stops being some, and numbers at the edges of their types.
#include <algorithm>

#include "oci/config/features.hpp"
#include "oci/config/spec_template.hpp"
#include "unit/oci_samples.hpp"

namespace mydocker::test {
namespace {

Lines problems_of_text(const std::string& text) {
  return problems_in([&] { return oci::load_config(text, load_options()); });
}

Lines problems_of_limit(const std::string& number) {
  return problems_in(
      [&] { return oci::load_resources(R"({"memory": {"limit": )" + number + "}}"); });
}

TEST(OciJson, FaultsHaveLineAndColumn) {
  const std::pair<std::string, std::string> all[] = {
      {"", "line 1, column 1: unexpected end of input; expected '[', '{', or a literal"},
      {"{\"a\":\n  1,}", "line 2, column 5: unexpected '}'; expected string literal"},
      {"{\"a\": 1e999}", "line 1, column 11: number overflow parsing '1e999'"},
      {"{} x", "line 1, column 4: invalid literal; last read: '{} x'"},
  };
  for (const auto& [text, want] : all) {
    const auto problems = problems_of_text(text);
    ASSERT_EQ(problems.size(), 1U) << text;
    // The library's words are its own, our line and column are not.
    EXPECT_EQ(problems[0].substr(0, problems[0].find(": ")), want.substr(0, want.find(": ")))
        << problems[0];
  }
}

TEST(OciJson, FaultsSpeakToNoTerminal) {
  for (const std::string text : {"{\"\x1b[2J\": 1}", "\x7f\x1b", "{\"a\": \x1b]0;x\x07}"}) {
    const std::string problem = problems_of_text(text).at(0);
    for (const char c : problem) EXPECT_TRUE(c >= 0x20 && c != 0x7F) << text;
  }
}

TEST(OciJson, HasToBeAnObject) {
  EXPECT_EQ(problems_of_text("null"), Lines{"the file has to be an object, but is null"});
  EXPECT_EQ(problems_of_text("[]"), Lines{"the file has to be an object, but is an array"});
}

TEST(OciJson, NumbersReachTheirEnds) {
  EXPECT_EQ(problems_of_limit("9223372036854775807"), Lines{});
  EXPECT_EQ(problems_of_limit("-1"), Lines{});
  EXPECT_EQ(oci::load_resources(R"({"memory": {"limit": 9223372036854775807}})").memory.limit,
            INT64_MAX);
  EXPECT_EQ(oci::load_resources(R"({"cpu": {"shares": 18446744073709551615}})").cpu.shares,
            UINT64_MAX);
}

TEST(OciJson, NumbersBeyondThemAreRefused) {
  const std::string range = ": allowed are -1 to 9223372036854775807";
  EXPECT_EQ(problems_of_limit("9223372036854775808"),
            Lines{"memory.limit: 9223372036854775808" + range});
  EXPECT_EQ(problems_of_limit("-9223372036854775808"),
            Lines{"memory.limit: -9223372036854775808" + range});
  for (const char* const number :
       {"18446744073709551616", "-9223372036854775809", "1e3", "1.0", "-0.5", "1E400000"}) {
    EXPECT_EQ(problems_of_limit(number).size(), 1U) << number;
  }
  EXPECT_EQ(problems_of_limit("\"5\""), Lines{"memory.limit: '5': has to be a number"});
  EXPECT_EQ(problems_of_limit("true"), Lines{"memory.limit: true: has to be a number"});
  EXPECT_EQ(problems_of_limit("null"), Lines{});
}

TEST(OciJson, LongTextsAreShownInPart) {
  const std::string umlauts = "\xc3\xa4\xc3\xa4\xc3\xa4";
  const auto problems =
      problems_with(R"({"process": {"cwd": ")" + std::string(99, 'x') + umlauts + R"("}})");
  EXPECT_EQ(problems,
            Lines{"process.cwd: '" + std::string(99, 'x') + "'...: has to be an absolute path"});
}

TEST(OciJson, DeepNestingIsNoDanger) {
  std::string deep(100000, '[');
  deep += std::string(100000, ']');
  EXPECT_EQ(problems_of_text(R"({"linux": )" + deep + "}").size(), 3U);
}

TEST(OciJson, NullsAreLacksButInLists) {
  EXPECT_EQ(oci::load_resources(R"({"cpu": null, "memory": {"limit": null}})"), Resources{});
  EXPECT_EQ(problems_in([] { return oci::load_resources(R"({"unified": {"a": null}})"); }),
            Lines{"unified.a: null: has to be a value"});
}

TEST(OciJson, EndlessProblemsEnd) {
  std::string many = R"({"devices": [0)";
  for (int i = 0; i < 5000; ++i) many += ",0";
  EXPECT_EQ(problems_in([&] { return oci::load_resources(many + "]}"); }).size(), 200U);
}

TEST(OciProcessFile, IsAProcessAlone) {
  auto options = load_options();
  options.new_keyring = false;
  const auto loaded = oci::load_process(
      R"({"args": ["ls"], "cwd": "/tmp", "user": {"uid": 5, "gid": 6},
          "capabilities": {"bounding": ["CAP_NEW"]}})",
      options);
  EXPECT_EQ(loaded.process.argv, Lines{"ls"});
  EXPECT_EQ(loaded.process.user, (User{5, 6, {}}));
  EXPECT_TRUE(loaded.process.make_workdir);
  EXPECT_FALSE(loaded.process.no_new_privileges);
  EXPECT_FALSE(loaded.process.new_keyring);
  EXPECT_EQ(loaded.warnings, Lines{"capabilities.bounding[0]: 'CAP_NEW': left out: unknown"});
}

TEST(OciProcessFile, NamesPlacesFromItsTop) {
  EXPECT_EQ(problems_in([] { return oci::load_process("{}", load_options()); }),
            (Lines{"args: missing", "cwd: missing", "user: missing"}));
}

TEST(OciTemplate, LoadsWithoutAWord) {
  auto config = oci::load_config(oci::spec_template(), load_options());
  EXPECT_EQ(config.warnings, Lines{});
  EXPECT_EQ(config.version, "1.3.0");
  EXPECT_EQ(config.spec.process.capabilities.bounding, (std::vector<int>{5, 10, 29}));
  EXPECT_TRUE(config.spec.namespaces.network.is_new());
  EXPECT_EQ(config.spec.cgroup->resources.devices.size(), 1U);
}

TEST(OciTemplate, FitsACallerWhoIsNotRoot) {
  const auto config =
      oci::load_config(oci::spec_template(oci::Rootless{1000, 1001}), load_options());
  EXPECT_EQ(config.warnings, Lines{});
  const ContainerSpec& spec = config.spec;
  EXPECT_EQ(spec.uid_map, (std::vector<IdRange>{{0, 1000, 1}}));
  EXPECT_EQ(spec.gid_map, (std::vector<IdRange>{{0, 1001, 1}}));
  EXPECT_FALSE(spec.namespaces.network.is_new());
  EXPECT_EQ(spec.cgroup->resources, Resources{});
  for (const Mount& mount : spec.mounts) {
    EXPECT_EQ(mount.kind == MountKind::bind, mount.target == "/sys");
    for (const auto& [key, value] : mount.options) EXPECT_NE(key, "gid");
  }
}

TEST(OciFeatures, AreTrue) {
  const auto features = nlohmann::json::parse(oci::features_json());
  for (const char* const end : {"ociVersionMin", "ociVersionMax"}) {
    EXPECT_EQ(problems_with(R"({"ociVersion": )" + features[end].dump() + "}"), Lines{}) << end;
  }
  EXPECT_EQ(features["linux"]["namespaces"].size(), 8U);
  EXPECT_EQ(features["linux"]["capabilities"][0], "CAP_CHOWN");
  EXPECT_EQ(features["linux"]["capabilities"].size(), 41U);
  EXPECT_EQ(features["linux"]["seccomp"]["archs"].size(), 23U);
  EXPECT_EQ(features["hooks"].size(), 6U);
}

// An option that is not recognized is taken for one of the file system's own.
TEST(OciFeatures, NameOptionsThatAreRecognized) {
  const std::vector<std::string> superblock{"dirsync", "lazytime", "mand", "sync"};
  const auto features = nlohmann::json::parse(oci::features_json());
  for (const std::string option : features["mountOptions"]) {
    const bool is_bind = option.ends_with("bind") || option.ends_with("idmap");
    const Mount mount =
        spec_with(
            R"({"mounts": [{"destination": "/m", "type": "tmpfs", "source": "/s", "options": [)" +
            std::string(is_bind ? R"("bind", )" : "") + '"' + option + R"("]}],
                  "linux": {"namespaces": [{"type": "mount"}, {"type": "user", "path": "/n"}]}})")
            .mounts.at(0);
    const bool is_own = std::find(superblock.begin(), superblock.end(), option) != superblock.end();
    EXPECT_EQ(mount.options.empty(), !is_own) << option;
  }
}

}  // namespace
}  // namespace mydocker::test
