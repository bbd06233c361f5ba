// Which words are an OCI runtime's, and which the classic command line's.
#include <gtest/gtest.h>

#include <vector>

#include "oci/config/features.hpp"
#include "oci/options.hpp"

namespace mydocker::oci {
namespace {

using Words = std::vector<const char*>;

TEST(OciWords, AVerbMayStandBehindGlobalFlags) {
  EXPECT_EQ(find_verb(Words{"state", "id"}), 0U);
  EXPECT_EQ(find_verb(Words{"--root", "/r", "--log-format=json", "--systemd-cgroup", "kill", "id"}),
            4U);
  EXPECT_EQ(find_verb(Words{"--root", "state"}), std::nullopt) << "that is the flag's value";
}

TEST(OciWords, OptionsOfTheClassicCommandLineAreNone) {
  EXPECT_EQ(find_verb(Words{"-a", "state"}), std::nullopt);
  EXPECT_EQ(find_verb(Words{"-aUc", "/bin/true"}), std::nullopt);
  EXPECT_EQ(find_verb(Words{}), std::nullopt);
}

TEST(OciWords, TheVersionMayBeAskedForBehindGlobalFlags) {
  EXPECT_TRUE(asks_for_version(Words{"--version"}));
  EXPECT_TRUE(asks_for_version(Words{"--root", "/r", "--log", "f", "--version"}));
  EXPECT_FALSE(asks_for_version(Words{"--root", "--version"})) << "that is the flag's value";
  EXPECT_FALSE(asks_for_version(Words{"state", "--version"}));
  EXPECT_FALSE(asks_for_version(Words{"-a", "--version"})) << "the classic command line answers";
}

TEST(OciWords, TheVersionNamesTheSpecificationInALineOfItsOwn) {
  EXPECT_TRUE(version_text().starts_with("MyDocker "));
  EXPECT_NE(version_text().find("\nspec: 1.3.0\n"), std::string::npos);
}

}  // namespace
}  // namespace mydocker::oci
