// Options from the file of --config: what its lines mean, and how a mistake is told.
#include "cli/config_file.hpp"

#include <cstdio>
#include <fstream>

#include "unit/samples.hpp"

namespace mydocker::test {
namespace {

using cli::ConfigLine;

std::string refusal_of(const std::string& text) {
  try {
    static_cast<void>(cli::parse_config("my.conf", text));
  } catch (const UsageError& error) {
    return error.what();
  }
  return "it was accepted";
}

TEST(ConfigFile, HasKeysThatAreOptions) {
  const auto lines = cli::parse_config("my.conf",
                                       "# a comment\n"
                                       "a\n"
                                       "\n"
                                       "  M = 64m\r\n"
                                       "hostname=web\n"
                                       "env = A=1 # no comment\n"
                                       "env = \" B=2 \"\n"
                                       "read-only = true\n"
                                       "init = false\n"
                                       "entrypoint = /bin/sh");
  EXPECT_EQ(lines, (std::vector<ConfigLine>{{"-a", std::nullopt, 2},
                                            {"-M", "64m", 4},
                                            {"--hostname", "web", 5},
                                            {"--env", "A=1 # no comment", 6},
                                            {"--env", " B=2 ", 7},
                                            {"--read-only", std::nullopt, 8},
                                            {"", "/bin/sh", 10}}));
}

TEST(ConfigFile, NamesTheLineOfAMistake) {
  EXPECT_EQ(refusal_of("a\nhostnam = x\n"),
            "my.conf:2: unknown key 'hostnam': did you mean 'hostname'?");
  EXPECT_EQ(refusal_of("hostname\n"),
            "my.conf:1: hostname: its value is missing: 'hostname = NAME'");
  EXPECT_EQ(refusal_of("init = 1\n"), "my.conf:1: init '1': allowed are true and false");
  EXPECT_EQ(refusal_of("config = other.conf\n"), "my.conf:1: unknown key 'config'");
  EXPECT_EQ(refusal_of("entrypoint\n"), "my.conf:1: entrypoint: its value is missing");
  EXPECT_EQ(refusal_of("e = A\n"), "my.conf:1: unknown key 'e'");
}

class InAFile : public testing::Test {
 protected:
  InAFile() : file_(testing::TempDir() + "mydocker-config-" + std::to_string(::getpid())) {
    std::ofstream(file_) << "a\nhostname = web\nenv = A=1\nC = 50\nentrypoint = /bin/sh\n"
                            "entrypoint = -c\n";
  }
  ~InAFile() override { std::remove(file_.c_str()); }

  [[nodiscard]] cli::Options options(std::vector<const char*> words) const {
    words.insert(words.begin(), {"--config", file_.c_str()});
    return cli::read_options(words);
  }

  std::string file_;
};

TEST_F(InAFile, OptionsCountLessThanThoseOfTheCommandLine) {
  const cli::Options options = this->options({"--hostname", "other", "--env", "B=2"});
  EXPECT_TRUE(options.all_namespaces);
  EXPECT_EQ(options.hostname, "other");
  EXPECT_EQ(options.environment, (Words{"A=1", "B=2"}));
  EXPECT_EQ(options.entrypoint, (Words{"/bin/sh", "-c"}));
}

TEST_F(InAFile, TheEntrypointGivesWayToThatOfTheCommandLine) {
  EXPECT_EQ(options({"ls"}).entrypoint, Words{"ls"});
}

TEST_F(InAFile, AValueThatIsRefusedIsNamedWithItsLine) {
  const cli::Options options = this->options({"--env", "B", "--hostname", "x"});
  EXPECT_EQ(cli::with_places(options, "-C: add -c"), file_ + ":4: -C: add -c");
  EXPECT_EQ(cli::with_places(options, "-M '1': no\n--env 'A=1': no\n--env 'B': no"),
            "-M '1': no\n" + file_ + ":3: --env 'A=1': no\n--env 'B': no");
  EXPECT_EQ(cli::with_places(options, "--hostname 'x': no"), "--hostname 'x': no");
}

TEST(ConfigFile, IsReadOnlyWhereItIsNamed) {
  const std::vector<const char*> words{"-a", "--config", "/nowhere/my.conf", "ls"};
  try {
    static_cast<void>(cli::read_options(words));
    FAIL() << "it was accepted";
  } catch (const UsageError& error) {
    EXPECT_EQ(std::string(error.what()),
              "--config '/nowhere/my.conf': no such file or directory (ENOENT)");
  }
}

}  // namespace
}  // namespace mydocker::test
