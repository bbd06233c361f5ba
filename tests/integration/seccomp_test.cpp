// The filter, from inside of real containers. What it says of every call is a unit test's business
// (tests/unit/allowlist_test.cpp); here it is in force, everywhere, and ordinary work goes on.
#include <linux/sched.h>
#include <sys/stat.h>

#include <algorithm>

#include "helpers/text.hpp"
#include "seccomp/call_table.hpp"
#include "support/host.hpp"
#include "support/run.hpp"

namespace mydocker::test {
namespace {

using Words = std::vector<std::string>;

constexpr const char* kModes[] = {"-a", "-aU"};
constexpr std::uint64_t kNamespaces[] = {CLONE_NEWUSER, CLONE_NEWNS,  CLONE_NEWPID,   CLONE_NEWNET,
                                         CLONE_NEWUTS,  CLONE_NEWIPC, CLONE_NEWCGROUP};

std::string number(std::string_view call) {
  const auto* const row = seccomp::try_find_call(call);
  return std::to_string(row == nullptr ? -1 : row->numbers[*seccomp::native_column()]);
}

// The errno's names, a line each, of calls made inside; `calls` are words of programs/raw_calls.c.
Result calls_inside(Words options, const Words& calls) {
  options.insert(options.end(), {"--volume", RAW_CALLS ":/mnt:ro", "/mnt/raw_calls"});
  options.insert(options.end(), calls.begin(), calls.end());
  return mydocker(std::move(options));
}

void expect_all(const Words& options, const Words& calls, const std::string& answer) {
  const Result result = calls_inside(options, calls);
  const auto separators = std::count(calls.begin(), calls.end(), "--");
  std::string right;
  for (auto left = separators + 1; left > 0; --left) right += answer + "\n";
  EXPECT_EQ(result.out, right) << text::join(calls, " ");
  EXPECT_EQ(result.status, 0) << result.err;
}

void expect_refused(const Words& names) {
  Words calls;
  for (const auto& name : names) {
    if (!calls.empty()) calls.emplace_back("--");
    calls.push_back(number(name));
  }
  for (const char* const mode : kModes) expect_all({mode}, calls, "EPERM");
}

// S1, S2
TEST(Seccomp, LetsNobodyMakeNamespaces) {
  for (const char* const mode : kModes) {
    for (const auto one : kNamespaces) {
      expect_all({mode},
                 {number("clone"), std::to_string(one | 17U), "--", number("unshare"),
                  std::to_string(one), "--", number("unshare"), std::to_string(one | 0x100000000U)},
                 "EPERM");
    }
    expect_all({mode}, {number("setns"), "0", "0"}, "EPERM");
    expect_all({mode}, {number("clone3"), "0", "0"}, "ENOSYS");
    expect_all({mode, "--user", "1000"}, {number("unshare"), std::to_string(CLONE_NEWUSER)},
               "EPERM");
  }
}

#if defined(__x86_64__)
// S3
TEST(Seccomp, KillsWhoComesByAnotherEntryPoint) {
  constexpr const char *kGetpid32 = "20", *kGetpidOfX32 = "0x40000027";
  for (const char* const mode : kModes) {
    EXPECT_EQ(calls_inside({mode}, {"int80", kGetpid32}).status, 159);
    EXPECT_EQ(calls_inside({mode}, {kGetpidOfX32}).status, 159);
    EXPECT_EQ(calls_inside({mode, "--seccomp", "original"}, {"int80", kGetpid32}).status, 159);
  }
  EXPECT_NE(calls_inside({"-a", "--abi32"}, {"int80", kGetpid32}).out, "");
  EXPECT_NE(calls_inside({"-a", "--seccomp", "unconfined"}, {"int80", kGetpid32}).out, "");
}
#endif

// S4, S5, S7, S9
TEST(Seccomp, RefusesWhatIsDangerous) {
  expect_refused({"io_uring_setup", "io_uring_enter", "io_uring_register", "userfaultfd", "bpf",
                  "perf_event_open", "add_key", "keyctl", "request_key"});
  expect_refused({"ptrace", "process_vm_readv", "process_vm_writev", "process_madvise",
                  "pidfd_getfd", "kcmp"});
  expect_refused({"kexec_load",    "kexec_file_load", "init_module", "finit_module",
                  "delete_module", "swapon",          "swapoff",     "acct",
                  "quotactl",      "quotactl_fd",     "reboot",      "settimeofday",
                  "clock_settime", "syslog",          "iopl",        "ioperm",
                  "fanotify_init", "lookup_dcookie",  "nfsservctl",  "open_by_handle_at"});
  expect_refused({"mount", "umount2", "pivot_root", "fsopen", "fsconfig", "fsmount", "fspick",
                  "open_tree", "open_tree_attr", "move_mount", "mount_setattr"});
}

// S6
TEST(Seccomp, LetsProgramsSpeakFourFamilies) {
  const std::string socket = number("socket");
  for (const char* const mode : kModes) {
    for (const char* const family : {"38", "40", "33", "21", "31", "30", "0x100000026"})
      expect_all({mode}, {socket, family, "3", "0"}, "EAFNOSUPPORT");
    expect_all({mode}, {socket, "17", "3", "0"}, "EPERM");
    expect_all({mode}, {socket, "16", "3", "6", "--", socket, "16", "3", "12"}, "EPERM");
    expect_all({mode}, {socket, "16", "3", "9"}, "EINVAL");
    for (const char* const ordinary : {"1", "2", "10"})
      expect_all({mode}, {socket, ordinary, "2", "0"}, "0");
    for (const char* const protocol : {"0", "4", "15", "16"})
      expect_all({mode}, {socket, "16", "3", protocol}, "0");
  }
}

// S8, T1 to T3
TEST(Seccomp, LooksAtTheHalfOfAnArgumentThatTheKernelLooksAt) {
  const std::string ioctl = number("ioctl"), personality = number("personality");
  for (const char* const mode : kModes) {
    expect_all({mode},
               {ioctl, "0", "0x5412", "--", ioctl, "0", "0x100005412", "--", ioctl, "0", "0x541C",
                "--", ioctl, "0", "0x5423"},
               "EPERM");
    expect_all(
        {mode},
        {personality, "0x400000", "--", personality, "0x40000", "--", personality, "0xF00400000"},
        "EPERM");
    expect_all({mode}, {personality, "0xFFFFFFFF", "--", personality, "8"}, "0");
  }
}

// S10
TEST(Seccomp, AnswersUnknownCallsAsMissing) {
  for (const char* const mode : kModes)
    expect_all({mode}, {"900", "--", "600", "--", "470", "--", "1000000"}, "ENOSYS");
}

// S11
TEST(Seccomp, FiltersEveryProcessAndThread) {
  for (const char* const mode : kModes) {
    EXPECT_EQ(in_container({mode, "--init"},
                           "grep -h ^Seccomp: /proc/1/status /proc/self/status | sort -u")
                  .out,
              "Seccomp:\t2\n");
    expect_all({mode}, {"thread", number("io_uring_setup"), "--", number("mount")}, "EPERM");
  }
}

TEST(Seccomp, LetsSetIdModesPassWhereNobodyElseCouldRunTheFile) {
  for (const char* const mode : kModes) {
    EXPECT_EQ(in_container({mode, "--tmpfs", "/mnt"},
                           "> /mnt/file; chmod 4755 /mnt/file; stat -c %a /mnt/file")
                  .out,
              "4755\n");
  }
}

TEST(Seccomp, RefusesSetIdModesWhereOthersOfTheHostCouldRunTheFile) {
  const TemporaryFolder folder;
  const std::string above = folder.path() + "/above", shared = above + "/shared";
  ::mkdir(above.c_str(), 0755);
  ::mkdir(shared.c_str(), 0755);
  ::chmod(folder.path().c_str(), 0755);  // NOLINT: others have to be able to enter
  for (const char* const mode : kModes) {
    const Words volume{mode, "--volume", shared + ":/mnt"};
    for (const char* const bits : {"u+s", "g+s", "4755", "2755", "6777"}) {
      const Result result =
          in_container(volume, std::string("> /mnt/file; chmod ") + bits + " /mnt/file");
      EXPECT_EQ(result.status, 1) << mode << ' ' << bits;
      EXPECT_NE(result.err.find("Operation not permitted"), std::string::npos) << result.err;
      EXPECT_NE(result.err.find("other users of this host can enter '" + shared + "'"),
                std::string::npos)
          << result.err;
    }
    EXPECT_EQ(in_container(volume, "> /mnt/file; chmod 1777 /mnt/file").status, 0);
    const Result read_only = in_container({mode, "--volume", shared + ":/mnt:ro"}, "true");
    EXPECT_EQ(without_warnings(read_only.err), read_only.err);
  }
  ::chmod(above.c_str(), 0700);
  EXPECT_EQ(in_container({"-a", "--volume", shared + ":/mnt"}, "chmod 4755 /mnt/file").status, 0);
}

TEST(Seccomp, OfTheOriginalRefusesSetIdModesAndUserNamespaces) {
  for (const char* const mode : kModes) {
    const Words original{mode, "--seccomp", "original", "--tmpfs", "/mnt"};
    const Result chmod = in_container(original, "> /mnt/file; chmod 4755 /mnt/file");
    EXPECT_EQ(chmod.status, 1);
    EXPECT_NE(chmod.err.find("Operation not permitted"), std::string::npos) << chmod.err;
    const Result unshare = in_container(original, "unshare -U true");
    EXPECT_EQ(unshare.status, 1);
    EXPECT_NE(unshare.err.find("Operation not permitted"), std::string::npos) << unshare.err;
  }
}

TEST(Seccomp, OfNothingIsNoFilter) {
  EXPECT_EQ(
      mydocker({"-a", "--seccomp", "unconfined", "/bin/grep", "^Seccomp:", "/proc/self/status"})
          .out,
      "Seccomp:\t0\n");
}

// With the host's programs and libraries, which are more than the small root has, and a folder to
// work in.
Result ordinary(const char* mode, const std::string& script) {
  const TemporaryFolder folder;
  const std::string work = folder.path() + "/work";
  ::mkdir(work.c_str(), 0755);
  return in_container(
      {mode, "--volume", "/usr:/usr:ro", "--volume", work + ":/mnt", "--workdir", "/mnt"},
      "set -e; " + script);
}

TEST(Seccomp, LetsOrdinaryProgramsWork) {
  for (const char* const mode : kModes) {
    EXPECT_EQ(ordinary(mode, "set -m; sleep 100 & kill %1; wait %1 || echo $?").out, "143\n");
    EXPECT_EQ(
        ordinary(
            mode,
            "python3 -c 'import subprocess, threading, socket, multiprocessing.pool\n"
            "out = []\n"
            "thread = threading.Thread(target=lambda: out.append(1))\n"
            "thread.start(); thread.join()\n"
            "pool = multiprocessing.pool.Pool(2)\n"
            "print(out, sum(pool.map(abs, [-1, -2])), socket.socketpair()[0].family, flush=True)\n"
            "subprocess.run([\"echo\", \"said\"], check=True)'")
            .out.substr(0, 5),
        "[1] 3");
    EXPECT_EQ(ordinary(mode,
                       "echo 'int main() { return 7; }' > a.c; gcc -o a a.c; tar cf t a; rm a; "
                       "tar xf t; ./a || echo $?")
                  .out,
              "7\n");
    EXPECT_EQ(ordinary(mode, "ip -o link show lo | wc -l; ss -ltn | wc -l; flock x echo got").out,
              "1\n1\ngot\n");
  }
}

}  // namespace
}  // namespace mydocker::test
