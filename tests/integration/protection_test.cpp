// What the options for capabilities, settings and descriptors give, and what no option gives.
#include <filesystem>
#include <fstream>

#include "helpers/text.hpp"
#include "support/host.hpp"
#include "support/run.hpp"

namespace mydocker::test {
namespace {

using Words = std::vector<std::string>;

constexpr const char* kModes[] = {"-a", "-aU"};

// The five sets of the entrypoint: effective, permitted, bounding, inheritable, ambient.
Words sets(Words options) {
  options.insert(options.end(), {"/bin/grep", "Cap", "/proc/self/status"});
  const Result result = mydocker(options);
  Words out;
  for (const char* const key : {"CapEff:", "CapPrm:", "CapBnd:", "CapInh:", "CapAmb:"}) {
    const auto at = result.out.find(key);
    out.push_back(at == std::string::npos ? result.err : result.out.substr(at + 8, 16));
  }
  return out;
}

const std::string kNone(16, '0');

TEST(CapAdd, AndDropAreInAllSetsThatTheyBelongTo) {
  for (const char* const mode : kModes) {
    const std::string with_raw = "00000000000425eb", bind = "0000000000000400";
    EXPECT_EQ(sets({mode, "--cap-add", "net_raw"}),
              (Words{with_raw, with_raw, with_raw, kNone, kNone}));
    EXPECT_EQ(sets({mode, "--cap-drop", "ALL"}), (Words{kNone, kNone, kNone, kNone, kNone}));
    EXPECT_EQ(sets({mode, "--cap-drop", "ALL", "--cap-add", "CAP_NET_BIND_SERVICE"}),
              (Words{bind, bind, bind, kNone, kNone}));
    EXPECT_EQ(sets({mode, "--user", "1000", "--cap-add", "NET_BIND_SERVICE"}),
              (Words{bind, bind, "00000000000405eb", bind, bind}));
    EXPECT_EQ(in_container({mode, "--cap-drop", "ALL"}, "grep NoNewPrivs /proc/self/status").out,
              "NoNewPrivs:\t1\n");
  }
}

// K2: what this kernel knows, whatever the header knew when MyDocker was built.
TEST(CapAdd, OfAllLeavesNothingAboveTheLastOneOfTheKernel) {
  std::string last;
  std::getline(std::ifstream("/proc/sys/kernel/cap_last_cap"), last);
  const auto all = (std::uint64_t{2} << std::stoul(last)) - 1;
  for (const auto& set : {sets({"-aU", "--cap-add", "ALL"})[2], sets({"-a"})[2]})
    EXPECT_EQ(std::stoull(set, nullptr, 16) & ~all, 0U) << set;
  EXPECT_EQ(std::stoull(sets({"-aU", "--cap-add", "ALL"})[0], nullptr, 16), all);
}

TEST(CapAdd, ThatMakesDeviceNodesOpensNoneButTheUsual) {
  const std::string id = unique_id("mknod");
  const Result result =
      in_container({"-a", "--name", id, "--cap-add", "MKNOD"},
                   "mknod /dev/disk b 7 0 && mknod /dev/msg c 1 11 && mknod /dev/zero2 c 1 5 && "
                   "head -c 1 /dev/zero2 | wc -c; head -c 1 /dev/disk; head -c 1 /dev/msg");
  EXPECT_EQ(result.out, "1\n") << result.err;
  for (const char* const node : {"/dev/disk", "/dev/msg"})
    EXPECT_NE(result.err.find("cannot open '" + std::string(node) +
                              "' for reading: Operation not permitted"),
              std::string::npos)
        << result.err;
  EXPECT_EQ(leftovers(id), Words{});
  EXPECT_NE(in_container({"-aU", "--cap-add", "MKNOD"}, "mknod /dev/disk b 7 0").status, 0);
}

TEST(CapAdd, OfSysAdminMountsAndHasNoSeal) {
  EXPECT_EQ(in_container({"-a", "--cap-add", "SYS_ADMIN"},
                         "mount -t tmpfs none /mnt && findmnt -n -o FSTYPE /mnt")
                .out,
            "tmpfs\n");
  // PID 1 is MyDocker, from a copy in memory.
  const Result result =
      in_container({"-a", "--init", "--cap-add", "SYS_ADMIN", "--cap-add", "SYS_PTRACE"},
                   "readlink /proc/1/exe; true >> /proc/1/exe");
  EXPECT_EQ(result.out, "/memfd:mydocker-sealed (deleted)\n") << result.err;
  EXPECT_NE(result.status, 0);
}

TEST(SysctlOption, IsSetInTheContainerAlone) {
  std::string before, after;
  std::getline(std::ifstream("/proc/sys/kernel/msgmax"), before);
  for (const char* const mode : kModes) {
    const Result result = in_container(
        {mode, "--sysctl", "kernel.msgmax=4321", "--sysctl", "net.ipv4.ip_forward=1", "--sysctl",
         "kernel.domainname=example.org", "--sysctl", "net/ipv4/conf/lo/arp_ignore=2"},
        "cd /proc/sys; cat kernel/msgmax net/ipv4/ip_forward kernel/domainname "
        "net/ipv4/conf/lo/arp_ignore; echo 1 > kernel/msgmax");
    EXPECT_EQ(result.out, "4321\n1\nexample.org\n2\n") << mode << result.err;
    EXPECT_NE(result.status, 0) << "set-up is over";
  }
  std::getline(std::ifstream("/proc/sys/kernel/msgmax"), after);
  EXPECT_EQ(before, after);
}

TEST(SysctlOption, ThatDoesNotExistEndsWithItsName) {
  const Result result = mydocker({"-a", "--sysctl", "net.ipv4.no_such=1", "/bin/true"});
  EXPECT_EQ(result.status, 125);
  EXPECT_NE(result.err.find("/proc/sys/net/ipv4/no_such"), std::string::npos) << result.err;
}

TEST(UserNamespaces, InsideOfOneAreNone) {
  EXPECT_EQ(in_container({"-aU"}, "cat /proc/sys/user/max_user_namespaces").out, "0\n");
  for (const char* const mode : kModes)
    EXPECT_NE(in_container({mode}, "unshare --user true").status, 0) << mode;
}

TEST(KeepFd, HandsOnWhatWasAskedForAndNoMore) {
  const TemporaryFolder folder;
  std::ofstream(folder.path() + "/file") << "kept\n";
  std::filesystem::permissions(folder.path(), std::filesystem::perms(0755));
  for (const char* const mode : kModes) {
    for (const Words& more : {Words{}, Words{"--init"}}) {
      Words words{mode, "--keep-fd", "9", "--keep-fd", "5"};
      words.insert(words.end(), more.begin(), more.end());
      words.insert(words.end(),
                   {"/bin/bash", "-c",
                    "for i in {3..20}; do [ ! -e /proc/$$/fd/$i ] || echo $i; done; cat "
                    "<&5; cat /dev/fd/5; echo x >> /dev/fd/5; echo said >&9"});
      const Result result = from_shell(
          "exec 4</etc 5<" + folder.path() + "/file 6</etc/passwd 9>&1 10</; exec \"$@\"", words);
      EXPECT_EQ(result.out, "5\n9\nkept\nkept\nsaid\n") << result.err;
      EXPECT_NE(result.err.find("/dev/fd/5: Permission denied"), std::string::npos) << result.err;
    }
  }
}

TEST(KeepFd, OfWhatIsADoorIsRefused) {
  const std::string allowed = "': allowed are files, pipes, sockets and character devices\n";
  for (const char* const door : {"3</etc", "3</proc/self/ns/mnt", "3</proc/self/ns/pid"}) {
    const Result result = from_shell(std::string("exec ") + door + "; exec \"$@\"",
                                     {"-a", "--keep-fd", "3", "/bin/true"});
    EXPECT_EQ(result.status, 2) << door;
    EXPECT_EQ(result.err, "MyDocker: --keep-fd '3" + allowed);
  }
  EXPECT_EQ(mydocker({"-a", "--keep-fd", "77", "/bin/true"}).err,
            "MyDocker: --keep-fd '77': that descriptor is not open\n");
}

TEST(Limits, LeaveNoCoreFile) {
  for (const char* const mode : kModes) {
    EXPECT_EQ(from_shell("ulimit -c unlimited; exec \"$@\"",
                         {mode, "/bin/bash", "-c", "ulimit -S -c; ulimit -H -c; ulimit -c 1"})
                  .out,
              "0\n0\n");
  }
}

TEST(Masks, HideAddressesOfTheKernel) {
  for (const char* const mode : kModes) {
    for (const char* const file : {"/proc/kallsyms", "/proc/kcore", "/proc/timer_list"}) {
      const Result result = mydocker({mode, "/bin/cat", file});
      EXPECT_EQ(result.out, "") << mode << file;
      EXPECT_NE(result.status, 0) << mode << file;
    }
  }
}

// C1, C2: no cgroup file system is inside, none can be mounted, and the own folder is the top.
TEST(Cgroups, CannotBeReachedFromInside) {
  for (const Words& mode : {Words{"-a"}, Words{"-ac", "-P", "64"}, Words{"-aUc", "-P", "64"}}) {
    const Result result = in_container(
        mode,
        "cut -d: -f3 /proc/self/cgroup | sort -u; find /sys/fs/cgroup -mindepth 1; for t in "
        "memory devices rdma; do mount -t cgroup -o $t none /mnt 2>/dev/null && echo "
        "mounted; done; mount -t cgroup2 none /mnt 2>/dev/null && echo mounted; true");
    if (mode.size() > 1) {
      EXPECT_EQ(result.out, "/\n") << result.err;
    } else {
      EXPECT_EQ(result.out.find("mounted"), std::string::npos);
    }
  }
}

// C6: nobody inside gets ahead of the host's own processes.
TEST(Priorities, CannotBeRaised) {
  for (const Words& mode : {Words{"-a"}, Words{"-aU"}, Words{"-aUc", "-P", "64"}}) {
    for (const char* const request :
         {"echo -1000 > /proc/self/oom_score_adj", "echo -1 > /proc/self/oom_score_adj",
          "nice -n -20 true 2>&1 | grep -q 'cannot set' && false", "chrt -f 1 true",
          "chrt -r 1 true", "ulimit -H -n $(($(ulimit -H -n) + 1))", "ionice -c 1 true"}) {
      EXPECT_NE(in_container(mode, request).status, 0) << mode.front() << ' ' << request;
    }
  }
}

}  // namespace
}  // namespace mydocker::test
