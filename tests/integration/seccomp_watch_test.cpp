// MyDocker beside the filter: refusals named, profiles learned; profiles from files.
#include <sys/stat.h>

#include <fstream>

#include "seccomp/call_table.hpp"
#include "support/host.hpp"
#include "support/run.hpp"

namespace mydocker::test {
namespace {

using Words = std::vector<std::string>;

constexpr const char* kModes[] = {"-a", "-aU"};
constexpr const char* kFillAndList = "echo one two > /dev/shm/x; sort /dev/shm/x | tr ' ' '\\n'";

// A folder of the host that nobody else can enter.
class Shared {
 public:
  Shared() { ::mkdir(path().c_str(), 0755); }
  [[nodiscard]] std::string path() const { return folder_.path() + "/shared"; }

 private:
  TemporaryFolder folder_;
};

bool says(const Result& result, const std::string& line) {
  return result.err.find("MyDocker: " + line + "\n") != std::string::npos;
}

TEST(SeccompLog, NamesWhatWasRefusedAndHowOften) {
  for (const Words& mode : {Words{"-a"}, Words{"-aU"}, Words{"-aU", "--init"}}) {
    Words options = mode;
    options.emplace_back("--seccomp-log");
    const Result result = in_container(
        options, "for i in 1 2 3; do unshare -U true; done 2> /dev/null; echo goes on; exit 7");
    EXPECT_EQ(result.status, 7);
    EXPECT_EQ(result.out, "goes on\n");
    EXPECT_TRUE(says(result, "denied: unshare (EPERM), 3 times")) << result.err;
  }
}

TEST(SeccompLog, AnswersAsTheFilterWould) {
  const Words calls{std::to_string(seccomp::try_find_call("socket")->numbers[0]),
                    "38",
                    "--",
                    std::to_string(seccomp::try_find_call("socket")->numbers[0]),
                    "16",
                    "3",
                    "9",
                    "--",
                    std::to_string(seccomp::try_find_call("ptrace")->numbers[0]),
                    "--",
                    "900",
                    "--",
                    "1000000"};
  Words words{"-a", "--seccomp-log", "--volume", RAW_CALLS ":/mnt:ro", "/mnt/raw_calls"};
  words.insert(words.end(), calls.begin(), calls.end());
  const Result result = mydocker(words);
  EXPECT_EQ(result.out, "EAFNOSUPPORT\nEINVAL\nEPERM\nENOSYS\nENOSYS\n");
  EXPECT_TRUE(says(result, "denied: ptrace (EPERM), once; --cap-add SYS_PTRACE allows it"))
      << result.err;
  EXPECT_TRUE(says(result, "denied: call 900 (ENOSYS), once")) << result.err;
}

TEST(SeccompLog, SaysNothingWhereNothingWasRefused) {
  const Result result = in_container({"-a", "--seccomp-log"}, "ls / | sort > /dev/null; true");
  EXPECT_EQ(result.status, 0);
  EXPECT_EQ(without_warnings(result.err), "");
}

TEST(SeccompLog, NeedsAListThatRefuses) {
  EXPECT_EQ(mydocker({"-a", "--seccomp", "unconfined", "--seccomp-log", "/bin/true"}).status, 2);
  EXPECT_TRUE(
      says(in_container({"-a", "--seccomp", "original", "--seccomp-log"}, "unshare -U true; true"),
           "denied: unshare (EPERM), once"));
}

// What a program did under --seccomp-learn it can do again with what was learned.
void expect_round_trip(Words options, const Words& program) {
  const Shared shared;
  const std::string file = shared.path() + "/learned.json";
  const auto with = [&](const Words& more) {
    Words words = options;
    words.insert(words.end(), more.begin(), more.end());
    words.insert(words.end(), program.begin(), program.end());
    return mydocker(words);
  };
  const Result learning = with({"--seccomp-learn", file});
  const Result again = with({"--seccomp", file});
  EXPECT_EQ(learning.status, 0) << learning.err;
  EXPECT_NE(learning.out, "");
  EXPECT_EQ(again.status, 0) << again.err;
  EXPECT_EQ(again.out, learning.out);
}

TEST(SeccompLearn, WritesWhatTheProgramNeeds) {
  for (const char* const mode : kModes) {
    expect_round_trip({mode}, {"/bin/ls", "/"});
    expect_round_trip({mode, "--init"}, {"/bin/bash", "-c", kFillAndList});
    expect_round_trip({mode, "--seccomp", "unconfined"}, {"/bin/bash", "-c", kFillAndList});
    expect_round_trip({mode, "--volume", "/usr:/usr:ro"},
                      {"python3", "-c",
                       "import subprocess, threading\n"
                       "thread = threading.Thread(target=print, args=('said',))\n"
                       "thread.start(); thread.join()\n"
                       "print(subprocess.run(['echo', 'more']).returncode)"});
  }
}

TEST(SeccompLearn, WritesNoMoreThanItNeeds) {
  const Shared shared;
  const std::string file = shared.path() + "/learned.json";
  EXPECT_EQ(mydocker({"-a", "--seccomp-learn", file, "/bin/ls", "/"}).status, 0);
  const Result other = mydocker({"-a", "--seccomp", file, "/bin/mkdir", "/dev/shm/new"});
  EXPECT_EQ(other.status, 1);
  EXPECT_NE(other.err.find("Function not implemented"), std::string::npos) << other.err;
}

TEST(SeccompLearn, RefusesMeanwhileWhatTheListRefuses) {
  const Shared shared;
  const std::string file = shared.path() + "/learned.json";
  const Result result =
      in_container({"-a", "--seccomp-learn", file}, "unshare -U true 2> /dev/null || echo refused");
  EXPECT_EQ(result.out, "refused\n");
}

TEST(SeccompLearn, SaysBeforeTheRunThatTheFileCannotBeWritten) {
  EXPECT_EQ(mydocker({"-a", "--seccomp-learn", "/no/such/folder/x", "/bin/true"}).status, 125);
}

TEST(SeccompLearn, LosesNothingWhenTheRunFails) {
  const Shared shared;
  const std::string file = shared.path() + "/learned.json", old = "what was learned before";
  std::ofstream(file) << old;
  EXPECT_EQ(mydocker({"-a", "--seccomp-learn", file, "/no/such/program"}).status, 127);
  std::string kept;
  std::getline(std::ifstream(file), kept);
  EXPECT_EQ(kept, old);
}

TEST(SeccompFile, MayBeDockersOrPodmans) {
  const Shared shared;
  const std::string file = shared.path() + "/profile.json";
  std::ofstream(file) << R"({"defaultAction": "SCMP_ACT_ALLOW",
    "archMap": [{"architecture": "SCMP_ARCH_X86_64", "subArchitectures": ["SCMP_ARCH_X86"]}],
    "syscalls": [
      {"names": ["mkdir", "mkdirat"], "action": "SCMP_ACT_ERRNO", "errnoRet": 28,
       "excludes": {"caps": ["CAP_SYS_ADMIN"]}, "comment": "not for us"},
      {"names": ["unlinkat"], "action": "SCMP_ACT_ERRNO", "includes": {"caps": ["CAP_SYS_BOOT"]}}]})";
  const Result result =
      in_container({"-a", "--seccomp", file},
                   "mkdir /dev/shm/new; touch /dev/shm/x; rm /dev/shm/x && echo removed");
  EXPECT_NE(result.err.find("No space left on device"), std::string::npos) << result.err;
  EXPECT_EQ(result.out, "removed\n");
}

}  // namespace
}  // namespace mydocker::test
