// The exit statuses of the contract, from outside; what a signal does is in signals_test.cpp.
#include <sys/stat.h>

#include <fstream>

#include "support/host.hpp"
#include "support/run.hpp"

namespace mydocker::test {
namespace {

// A file of the host, with `content` and `mode`, that a container can be given as a volume.
std::string file_with(const TemporaryFolder& folder, const std::string& content, mode_t mode) {
  const std::string path = folder.path() + "/program";
  std::ofstream(path) << content;
  ::chmod(path.c_str(), mode);
  return path;
}

// Runs `path` of the host as the entrypoint. The tmpfs takes the mount point, so that the root
// stays as it is.
Result run_file(const std::string& path, const std::string& mode = "-a",
                std::vector<std::string> options = {}) {
  options.insert(options.begin(), mode);
  const std::string volume = path + ":/mnt/program";
  for (const char* const word : {"--tmpfs", "/mnt", "--volume", volume.c_str(), "/mnt/program"})
    options.emplace_back(word);
  return mydocker(std::move(options));
}

void expect_failure(const Result& result, int status, const std::string& words) {
  EXPECT_EQ(result.status, status) << result.err;
  EXPECT_EQ(result.out, "");
  EXPECT_NE(result.err.find(words), std::string::npos) << result.err;
}

TEST(ExitStatus, IsTheEntrypointsOwn) {
  for (const char* const mode : {"-a", "-aU"}) {
    for (const int status : {0, 1, 2, 7, 124, 125, 126, 127, 128, 137, 143, 255}) {
      EXPECT_EQ(in_container({mode}, "exit " + std::to_string(status)).status, status);
    }
  }
}

TEST(ExitStatus, IsTheEntrypointsOwnUnderInit) {
  for (const int status : {0, 7, 137, 255}) {
    EXPECT_EQ(in_container({"-aU", "--init"}, "exit " + std::to_string(status)).status, status);
  }
}

TEST(ExitStatus, IsTheEntrypointsOwnWhenItsChildrenLiveOn) {
  EXPECT_EQ(in_container({"-aU"}, "sleep 1000 & exit 7").status, 7);
  EXPECT_EQ(in_container({"-aU", "--init"}, "sleep 1000 & exit 7").status, 7);
}

TEST(ExitStatus, LeavesStandardOutputAndErrorToTheContainer) {
  const Result result = in_container({"-aU"}, "echo to output; echo to errors >&2");
  EXPECT_EQ(result.out, "to output\n");
  EXPECT_EQ(result.err, "to errors\n");
}

TEST(ExitStatus, Is127WhenTheEntrypointIsMissing) {
  for (const char* const mode : {"-a", "-aU"}) {
    expect_failure(mydocker({mode, "/no/such/program"}), 127, "'/no/such/program'");
    expect_failure(mydocker({mode, "no-such-program"}), 127, "'no-such-program'");
    expect_failure(mydocker({mode, "/etc/passwd/below"}), 127, "'/etc/passwd/below'");
  }
}

TEST(ExitStatus, Is126ForAFolderAndForAFileThatIsNotExecutable) {
  expect_failure(mydocker({"-a", "/etc"}), 126, "it is a folder");
  expect_failure(mydocker({"-a", "/etc/passwd"}), 126, "chmod +x");
  const TemporaryFolder folder;
  const std::string for_root = file_with(folder, "#!/bin/bash\n", 0700);
  expect_failure(run_file(for_root, "-aU", {"--user", "1000"}), 126, "container's user");
}

TEST(ExitStatus, Is126ForAnUnknownFormat) {
  const TemporaryFolder folder;
  expect_failure(run_file(file_with(folder, "neither a script nor a program\n", 0755)), 126,
                 "exec format error");
  expect_failure(run_file(file_with(folder, "", 0755)), 126, "exec format error");
  expect_failure(run_file(file_with(folder, "\177ELF and then nothing", 0755)), 126,
                 "exec format error");
}

TEST(ExitStatus, Is126ForAScriptWhoseInterpreterIsMissing) {
  const TemporaryFolder folder;
  const std::string script = file_with(folder, "#!/no/such/interpreter\n", 0755);
  for (const char* const mode : {"-a", "-aU"}) {
    expect_failure(run_file(script, mode), 126, "interpreter");
  }
}

TEST(ExitStatus, IsTheScriptsOwnWhereItsInterpreterExists) {
  const TemporaryFolder folder;
  const std::string script = file_with(folder, "#!/bin/bash -e\nfalse\nexit 9\n", 0755);
  EXPECT_EQ(run_file(script).status, 1);
}

TEST(ExitStatus, Is125WhenMyDockerItselfFails) {
  expect_failure(mydocker({"-a", "--rootfs", "/no/such/root", "/bin/true"}), 125,
                 "'/no/such/root'");
  expect_failure(mydocker({"-a", "--rootfs", "/etc/passwd", "/bin/true"}), 125, "mount: ");
  expect_failure(mydocker({"-aU", "--volume", "/no/such/source:/mnt", "/bin/true"}), 125,
                 "'/no/such/source'");
  expect_failure(mydocker({"-a", "--workdir", "/no/such/folder", "/bin/true"}), 125,
                 "'/no/such/folder'");
  expect_failure(mydocker({"-a", "--report", "/no/such/folder/report", "/bin/true"}), 125,
                 "'/no/such/folder/report'");
}

TEST(ExitStatus, Is2WithoutRootAndWithoutAUserNamespace) {
  const Result result = from_shell("exec setpriv --reuid 65534 --regid 65534 --clear-groups \"$@\"",
                                   {"-a", "/bin/true"});
  // A binary below a folder of root's alone cannot even be started by others.
  if (result.err.find("MyDocker:") != std::string::npos) expect_failure(result, 2, "MyDocker -aU");
}

TEST(ExitStatus, Is2ForABadCommandLineAndNothingIsMade) {
  const std::vector<std::vector<std::string>> bad{
      {"/bin/true"},
      {"-U", "/bin/true"},
      {"-a"},
      {"-ac", "/bin/true"},
      {"-a", "-M", "64m", "/bin/true"},
      {"-ac", "-M", "0", "/bin/true"},
      {"-ac", "-M", "4294967297", "/bin/true"},
      {"-ac", "-M", "", "/bin/true"},
      {"-ac", "-M", "1.5g", "/bin/true"},
      {"-ac", "-C", "101", "/bin/true"},
      {"-ac", "-P", "9", "/bin/true"},
      {"-ac", "-P", "many", "/bin/true"},
      {"-ac", "-I", "1001", "/bin/true"},
      {"-a", "--timeout", "0", "/bin/true"},
      {"-a", "--timeout", "soon", "/bin/true"},
      {"-a", "--no-such-option", "/bin/true"},
      {"-a", "--hostname", "two words", "/bin/true"},
      {"-a", "--workdir", "relative", "/bin/true"},
      {"-a", "--user", "no-such-user", "/bin/true"},
      {"-a", "--tty", "--no-tty", "/bin/true"},
  };
  for (auto words : bad) {
    const std::string id = unique_id("bad");
    words.insert(words.begin(), {"--name", id});
    const Result result = mydocker(words);
    expect_failure(result, 2, "MyDocker: ");
    EXPECT_EQ(result.err.find('\n'), result.err.size() - 1) << "one line: " << result.err;
    EXPECT_EQ(leftovers(id), std::vector<std::string>{});
  }
}

TEST(ExitStatus, Is2ForANameThatIsNoFoldersName) {
  for (const char* const name : {"../escape", "a/b", "", ".", "-x y"}) {
    expect_failure(mydocker({"-a", "--name", name, "/bin/true"}), 2, "name");
  }
}

TEST(ExitStatus, OfHelpAndVersionIs0OnStandardOutput) {
  for (const char* const word : {"-h", "--help", "--version"}) {
    const Result result = mydocker({word});
    EXPECT_EQ(result.status, 0);
    EXPECT_NE(result.out, "");
    EXPECT_EQ(result.err, "");
  }
}

TEST(ExitStatus, OfABadTimeoutIsTwoEvenIfNothingWouldRun) {
  EXPECT_EQ(mydocker({"-a", "--dry-run", "--timeout", "abc", "/bin/true"}).status, 2);
}

TEST(Report, OfAStartThatFailedSaysWhy) {
  const TemporaryFolder folder;
  const std::string file = folder.path() + "/report.json";
  EXPECT_EQ(mydocker({"-a", "--report", file, "/no/such/program"}).status, 127);
  const std::string report = run({"python3", "-m", "json.tool", file}).out;
  EXPECT_NE(report.find("\"reason\": \"error\""), std::string::npos) << report;
  EXPECT_NE(report.find("/no/such/program"), std::string::npos) << report;
}

TEST(ExitStatus, SurvivesAStandardErrorThatNobodyReads) {
  const Result result = run(
      {"/bin/bash", "-c",
       "exec 2> >(exec true); sleep 0.2; " + binary() + " -a --timeout 0.2 /bin/sleep 5; echo $?"});
  EXPECT_EQ(result.out, "124\n");
}

}  // namespace
}  // namespace mydocker::test
