// The seal around the root: what it keeps out, and what goes on behind it as before.
#include <sys/stat.h>

#include <fstream>
#include <sstream>

#include "helpers/file_rights.hpp"
#include "helpers/text.hpp"
#include "support/host.hpp"
#include "support/run.hpp"
#include "sys/landlock.hpp"

namespace mydocker::test {
namespace {

using Words = std::vector<std::string>;

constexpr const char* kModes[] = {"-a", "-aU"};

bool has_landlock() { return sys::landlock_abi() >= file_rights::kLeastAbi; }

#define SKIP_WITHOUT_LANDLOCK()                                        \
  if (!has_landlock()) {                                               \
    GTEST_SKIP() << "this kernel has no Landlock that renames (5.19)"; \
  }

std::string content_of(const std::string& path) {
  std::ostringstream out;
  out << std::ifstream(path, std::ios::binary).rdbuf();
  return out.str();
}

// MyDocker as it is on a kernel without Landlock; its calls are written to `trace`.
Result without_landlock(const Words& words, const std::string& trace) {
  Words all{"strace",
            "-f",
            "-v",
            "-s",
            "200",
            "-o",
            trace,
            "-e",
            "trace=landlock_create_ruleset,memfd_create,execveat",
            "-e",
            "inject=landlock_create_ruleset:error=EOPNOTSUPP",
            binary()};
  all.insert(all.end(), words.begin(), words.end());
  return run(all);
}

// X1, X2: PID 1 is MyDocker here.
TEST(Seal, KeepsTheRuntimesOwnFileShut) {
  for (const char* const mode : kModes) {
    const Result result =
        in_container({mode, "--init"},
                     "true < /proc/1/exe; true >> /proc/1/exe; /proc/1/exe --version; echo $?");
    EXPECT_EQ(result.out, "126\n");
    EXPECT_EQ(
        text::split(text::replaced(result.err, "/proc/1/exe: Permission denied", "\x01"), '\x01')
            .size(),
        4U)
        << result.err;
  }
}

// CVE-2019-5736: a file of the host that is open cannot be executed, nor opened to be written.
TEST(Seal, KeepsAnOpenFileOfTheHostFromBeingExecutedOrWritten) {
  SKIP_WITHOUT_LANDLOCK();
  for (const char* const mode : kModes) {
    const Result result = from_shell(
        "exec \"$@\" < " + binary(),
        {mode, "/bin/bash", "-c",
         "/proc/self/fd/0 --version; echo $?; true >> /proc/self/fd/0; echo $?; head -c 4 "
         "/proc/self/fd/0 | tail -c 3"});
    EXPECT_EQ(result.out, "126\n1\nELF") << result.err;
  }
}

TEST(Seal, KeepsADescriptorOfAHostsFolderShut) {
  SKIP_WITHOUT_LANDLOCK();
  const TemporaryFolder folder;
  std::ofstream(folder.path() + "/secret") << "the host's\n";
  for (const char* const mode : kModes) {
    // Standard input is a folder of the host: it stays open, and leads nowhere.
    const Result result =
        from_shell("exec \"$@\" < " + folder.path(),
                   {mode, "/bin/bash", "-c", "cat /proc/self/fd/0/secret; ls /proc/self/fd/0/"});
    EXPECT_EQ(result.out, "");
    EXPECT_NE(result.err.find("/proc/self/fd/0/secret: Permission denied"), std::string::npos)
        << result.err;
  }
}

TEST(Seal, LetsStandardFilesBeOpenedAgainInTheirMode) {
  for (const char* const mode : kModes) {
    const TemporaryFolder folder;
    const std::string in = folder.path() + "/in", out = folder.path() + "/out";
    std::ofstream(in) << "read me\n";
    ASSERT_EQ(::chmod(folder.path().c_str(), 0755), 0);
    std::ofstream(out) << "";
    ASSERT_EQ(::chmod(out.c_str(), 0666), 0);
    const Result result =
        from_shell("exec \"$@\" < " + in + " > " + out,
                   {mode, "/bin/bash", "-c",
                    "cat /dev/stdin; echo appended >> /dev/stdout; echo x >> /dev/stdin; cat < "
                    "/dev/stdout"});
    EXPECT_EQ(content_of(out), "read me\nappended\n") << result.err;
    EXPECT_EQ(content_of(in), "read me\n");
    if (!has_landlock()) continue;
    EXPECT_NE(result.err.find("/dev/stdin: Permission denied"), std::string::npos) << result.err;
    EXPECT_NE(result.err.find("/dev/stdout: Permission denied"), std::string::npos) << result.err;
  }
}

TEST(Seal, LetsPipesDevicesAndMemoryBeOpenedAgain) {
  // A pipe belongs to whoever made it: with -U its mode keeps the container's root out.
  EXPECT_EQ(from_shell("echo piped | \"$@\" | cat",
                       {"-a", "/bin/bash", "-c", "cat /dev/stdin > /dev/stdout"})
                .out,
            "piped\n");
  for (const char* const mode : kModes) {
    EXPECT_EQ(from_shell("\"$@\" < /dev/null > /dev/null",
                         {mode, "/bin/bash", "-c", "cat /dev/stdin > /dev/stdout"})
                  .status,
              0);
    EXPECT_EQ(in_container({mode},
                           "cat <<< here; cat <(echo there); exec 5<> /tmp/f.$$; rm "
                           "/tmp/f.$$; echo gone >&5; cat /proc/self/fd/5")
                  .out,
              "here\nthere\ngone\n");
  }
}

TEST(Seal, LeavesTheContainersOwnFilesAlone) {
  for (const char* const mode : kModes) {
    const TemporaryFolder volume;
    const Result result = in_container(
        {mode, "--volume", volume.path() + ":/v", "--tmpfs", "/t"},
        "set -e; mkdir /t/a /t/b /v/a /v/b; echo 1 > /t/a/f; mv /t/a/f /t/b/g; echo 2 > /v/a/f; "
        "ln /v/a/f /v/b/g; mv /v/a/f /v/b/h; truncate -s 1 /v/b/h; ln -s g /v/b/s; mkfifo /v/b/p; "
        "cat /v/b/g | head -c 1; head -c 4 /proc/self/exe | tail -c 3; ls /sys > /dev/null; "
        "echo > /dev/shm/x; chmod 600 /v/b/h; stat -c %s /v/b/h");
    EXPECT_EQ(result.out, "2ELF1\n") << result.err;
    EXPECT_EQ(result.status, 0) << result.err;
  }
}

TEST(Seal, OfPathsShutsTheOthers) {
  SKIP_WITHOUT_LANDLOCK();
  for (const char* const mode : kModes) {
    const Result result = in_container(
        {mode, "--landlock-ro", "/usr", "--landlock-ro", "/lib", "--landlock-ro", "/lib64",
         "--landlock-ro", "/bin", "--landlock-ro", "/etc/hostname", "--landlock-rw", "/tmp",
         "--tmpfs", "/tmp"},
        "echo 1 > /tmp/a && mv /tmp/a /tmp/b && cat /tmp/b; head -c 0 /etc/hostname && echo named; "
        "cat /etc/passwd; touch /usr/x; ls /root; echo > /dev/null && echo own");
    EXPECT_EQ(result.out, "1\nnamed\nown\n");
    for (const char* const shut : {"/etc/passwd", "/usr/x", "/root"})
      EXPECT_NE(result.err.find(std::string(shut)), std::string::npos) << result.err;
  }
}

TEST(Seal, OfPathsThatAreMissingIsRefusedWithAdvice) {
  SKIP_WITHOUT_LANDLOCK();
  const Result result = mydocker({"-a", "--landlock-ro", "/none", "/bin/true"});
  EXPECT_EQ(result.status, 125);
  EXPECT_EQ(result.err.substr(0, 20), "MyDocker: landlock: ");
  EXPECT_NE(result.err.find("name files and folders inside"), std::string::npos) << result.err;
}

TEST(Seal, ThatTheKernelLacksIsReplacedByASealedCopy) {
  const TemporaryFolder folder;
  const std::string trace = folder.path() + "/trace";
  for (const char* const mode : kModes) {
    const Result result = without_landlock({mode, "--init", "/bin/hostname"}, trace);
    EXPECT_EQ(result.out, "container\n") << result.err;
    EXPECT_EQ(result.err, "");
    const std::string calls = content_of(trace);
    EXPECT_NE(calls.find("memfd_create(\"mydocker-sealed\""), std::string::npos) << calls;
    EXPECT_NE(calls.find(", \"\", [\"MyDocker\", \"--rootfs\", "), std::string::npos) << calls;
  }
  const Result refused = without_landlock({"-a", "--landlock-ro", "/", "/bin/true"}, trace);
  EXPECT_EQ(refused.status, 125);
  EXPECT_NE(refused.err.find("this kernel has no Landlock"), std::string::npos) << refused.err;
}

}  // namespace
}  // namespace mydocker::test
