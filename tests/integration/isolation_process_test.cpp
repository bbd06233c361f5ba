// What the entrypoint inherits, and what it may do: from descriptors to capabilities and seccomp.
#include <algorithm>

#include "helpers/text.hpp"
#include "support/host.hpp"
#include "support/run.hpp"

namespace mydocker::test {
namespace {

using Words = std::vector<std::string>;

constexpr const char* kModes[] = {"-a", "-aU"};

// The value of `key` in the entrypoint's own /proc/self/status: grep is the entrypoint, without a
// shell between.
std::string status_line(const Result& result, const std::string& key) {
  for (const auto line : text::split(result.out, '\n')) {
    const auto words = text::words(line);
    if (words.size() == 2 && words[0] == key + ":") return std::string(words[1]);
  }
  return "(missing)";
}

const Words kStatus{"/bin/grep", "", "/proc/self/status"};

Words with_status(Words options) {
  options.insert(options.end(), kStatus.begin(), kStatus.end());
  return options;
}

std::string sorted(const std::string& lines) {
  auto list = text::split(lines, '\n');
  std::sort(list.begin(), list.end());
  std::string out;
  for (const auto line : list) {
    if (!line.empty()) out += std::string(line) + "\n";
  }
  return out;
}

constexpr const char* kOpenMany =
    "exec 3</etc 4</ 5</proc 6</etc/passwd 7</etc 8>/dev/null 9< <(sleep 0) 10</root 63</etc "
    "200</; ";

TEST(Descriptors, BeyondTheStandardThreeAreNotInherited) {
  for (const Words& mode :
       {Words{"-a"}, Words{"-aU"}, Words{"-aU", "--init"}, Words{"-ac", "-P", "64"}}) {
    Words words = mode;
    words.insert(words.end(),
                 {"/bin/bash", "-c",
                  "for i in {3..1023}; do [ ! -e /proc/self/fd/$i ] || readlink /proc/self/fd/$i; "
                  "[ ! -e /proc/1/fd/$i ] || readlink /proc/1/fd/$i; done; true"});
    const Result result = from_shell(std::string(kOpenMany) + "exec \"$@\"", words);
    EXPECT_EQ(result.status, 0);
    EXPECT_EQ(result.out, "") << mode.front();
  }
}

TEST(Descriptors, ThatAreClosedOutsideAreSafeInside) {
  for (const char* const mode : kModes) {
    EXPECT_EQ(from_shell("exec \"$@\" <&- 2>&-", {mode, "/bin/echo", "said"}).out, "said\n");
    EXPECT_EQ(from_shell("exec \"$@\" <&- >&- 2>&-", {mode, "/bin/true"}).status, 0);
    EXPECT_EQ(from_shell("exec \"$@\" >&-", {mode, "/bin/bash", "-c", "exit 7"}).status, 7);
  }
}

TEST(Workdir, IsTheFolderThatWasAskedForInside) {
  for (const char* const mode : kModes) {
    EXPECT_EQ(mydocker({mode, "/bin/pwd"}).out, "/\n");
    EXPECT_EQ(mydocker({mode, "--workdir", "/usr/lib", "/bin/pwd"}).out, "/usr/lib\n");
    EXPECT_EQ(mydocker({mode, "--workdir", "/proc/self", "/bin/pwd", "-P"}).out, "/proc/1\n");
  }
}

TEST(Workdir, ThatLeadsOutOfTheRootIsRefused) {
  for (const char* const mode : kModes) {
    for (int fd = 3; fd <= 10; ++fd) {
      const std::string folder = "/proc/self/fd/" + std::to_string(fd);
      const Result result = from_shell(std::string(kOpenMany) + "exec \"$@\"",
                                       {mode, "--workdir", folder, "/bin/ls", "-A"});
      EXPECT_EQ(result.status, 125) << folder;
      EXPECT_EQ(result.out, "") << folder;
    }
  }
}

TEST(Workdir, ThatIsMissingOrAFileIsRefused) {
  for (const char* const folder : {"/no/such/folder", "/etc/passwd", "/proc/self/fd/0"}) {
    EXPECT_EQ(mydocker({"-aU", "--workdir", folder, "/bin/true"}).status, 125) << folder;
  }
}

TEST(Environment, HoldsFourVariablesAndNoneOfTheCallers) {
  for (const char* const mode : kModes) {
    const Result result = from_shell("export HOST_SECRET=1 LD_PRELOAD= TERM=vt52; exec \"$@\"",
                                     {mode, "/usr/bin/env"});
    EXPECT_EQ(sorted(result.out),
              "HOME=/root\nHOSTNAME=container\n"
              "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin\nTERM=vt52\n");
  }
}

TEST(Environment, TakesWhatWasAskedFor) {
  const Result result = from_shell(
      "export FROM_CALLER='a b' OTHER=2; unset MISSING; exec \"$@\"",
      {"-aU", "--env", "A=1", "--env", "B=x=y", "--env", "EMPTY=", "--env", "FROM_CALLER", "--env",
       "MISSING", "--env", "HOME=/tmp", "--env", "A=2", "/usr/bin/env"});
  EXPECT_EQ(sorted(text::replaced(result.out, "PATH=", "P=")),
            sorted("A=2\nB=x=y\nEMPTY=\nFROM_CALLER=a b\nHOME=/tmp\nHOSTNAME=container\n"
                   "P=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin\nTERM=xterm\n"));
}

TEST(Environment, WithoutATermHasXterm) {
  EXPECT_NE(from_shell("unset TERM; exec \"$@\"", {"-a", "/usr/bin/env"}).out.find("TERM=xterm\n"),
            std::string::npos);
}

TEST(Environment, FindsTheEntrypointInThePathThatWasAskedFor) {
  EXPECT_EQ(mydocker({"-a", "--env", "PATH=/usr/sbin", "ls"}).status, 127);
  EXPECT_EQ(mydocker({"-a", "--env", "PATH=/usr/sbin:/usr/bin", "true"}).status, 0);
  EXPECT_EQ(mydocker({"-a", "--env", "PATH=", "true"}).status, 127);
}

TEST(Umask, IsOrdinaryWhateverTheCallersIs) {
  for (const char* const mode : kModes) {
    for (const char* const mask : {"0077", "0777", "0000"}) {
      const std::string script = std::string("umask ") + mask + "; exec \"$@\"";
      const Result result =
          from_shell(script, {mode, "--tmpfs", "/mnt", "/bin/bash", "-c",
                              "umask; stat -c '%n %a' /dev /dev/shm /dev/mqueue /dev/pts /mnt; "
                              "stat -L -c %a /dev/null /dev/ptmx"});
      EXPECT_EQ(
          result.out,
          "0022\n/dev 755\n/dev/shm 1777\n/dev/mqueue 1777\n/dev/pts 755\n/mnt 1777\n666\n666\n")
          << mode << ' ' << mask;
    }
  }
}

TEST(SignalsInherited, AreNeitherIgnoredNorBlocked) {
  const Words caller{"python3", "-c",
                     "import os, signal, sys\n"
                     "for s in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP, signal.SIGPIPE, "
                     "signal.SIGUSR1, 34, 64):\n"
                     "    signal.signal(s, signal.SIG_IGN)\n"
                     "signal.pthread_sigmask(signal.SIG_BLOCK, set(range(1, 65)))\n"
                     "os.execv(sys.argv[1], sys.argv[1:])\n",
                     binary()};
  for (const Words& mode : {Words{"-a"}, Words{"-aU"}, Words{"-aU", "--init"}}) {
    Words words = caller;
    const Words rest = with_status(mode);
    words.insert(words.end(), rest.begin(), rest.end());
    const Result result = run(words);
    EXPECT_EQ(result.status, 0) << result.err;
    EXPECT_EQ(status_line(result, "SigIgn"), "0000000000000000");
    EXPECT_EQ(status_line(result, "SigBlk"), "0000000000000000");
    EXPECT_EQ(status_line(result, "SigPnd"), "0000000000000000");
  }
}

TEST(Capabilities, AreNineAndNeverMore) {
  for (const char* const mode : kModes) {
    const Result result = mydocker(with_status({mode}));
    // chown, dac_override, fowner, kill, setgid, setuid, setpcap, net_bind_service, sys_chroot
    for (const char* const set : {"CapEff", "CapPrm", "CapBnd"}) {
      EXPECT_EQ(status_line(result, set), "00000000000405eb") << mode << ' ' << set;
    }
    for (const char* const set : {"CapInh", "CapAmb"}) {
      EXPECT_EQ(status_line(result, set), "0000000000000000") << mode << ' ' << set;
    }
    EXPECT_EQ(status_line(result, "NoNewPrivs"), "1");
    EXPECT_EQ(status_line(result, "Seccomp"), "2");
  }
}

TEST(Capabilities, OfAnotherUserThanRootAreNone) {
  for (const char* const mode : kModes) {
    const Result result = mydocker(with_status({mode, "--user", "1000"}));
    for (const char* const set : {"CapEff", "CapPrm", "CapInh", "CapAmb"}) {
      EXPECT_EQ(status_line(result, set), "0000000000000000") << mode << ' ' << set;
    }
  }
}

TEST(Capabilities, OfTheCallerThatAreInheritableOrAmbientAreCleared) {
  const Result result =
      from_shell("exec setpriv --inh-caps +net_raw,+chown --ambient-caps +net_raw,+chown \"$@\"",
                 with_status({"-a", "--user", "1000"}));
  for (const char* const set : {"CapEff", "CapPrm", "CapInh", "CapAmb"}) {
    EXPECT_EQ(status_line(result, set), "0000000000000000") << set << result.err;
  }
}

TEST(Capabilities, AreMissingWhereTheyWouldReachTheHost) {
  for (const char* const mode : kModes) {
    for (const char* const request :
         {"hostname other", "date -s @1", "ip link add dummy0 type dummy", "ip link set lo down",
          "nice -n -5 true", "dmesg", "swapon /etc/passwd", "ip netns add x",
          "setpriv --inh-caps +net_raw true", "prlimit --nofile=2000000:2000000 true",
          "choom -n -1000 -- true", "ionice -c 1 true"}) {
      const std::string check = std::string("[ \"$(") + request + " 2>&1 | head -c 1)\" ]";
      EXPECT_EQ(in_container({mode}, check).status, 0) << mode << " let through: " << request;
    }
  }
}

TEST(SignalsInherited, OfAnIgnoredSigchldDoNotLoseTheStatus) {
  const std::string caller =
      "import os, signal, sys; signal.signal(signal.SIGCHLD, signal.SIG_IGN); "
      "os.execv(sys.argv[1], sys.argv[1:])";
  for (const Words& options : {Words{"-a"}, Words{"-aU", "--init"}}) {
    Words words{"python3", "-c", caller, binary()};
    words.insert(words.end(), options.begin(), options.end());
    words.insert(words.end(), {"/bin/bash", "-c", "(exit 3); exit $(($? + 4))"});
    EXPECT_EQ(run(words).status, 7);
  }
}

TEST(Init, DoesNotShowHowMyDockerWasCalled) {
  const Result result =
      in_container({"-a", "--init", "--env", "SECRET=word"}, "tr '\\0' ' ' < /proc/1/cmdline");
  EXPECT_NE(result.out.find("mydocker-init"), std::string::npos) << result.out;
  EXPECT_EQ(result.out.find("SECRET"), std::string::npos) << result.out;
}

}  // namespace
}  // namespace mydocker::test
