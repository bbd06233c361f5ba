// What the container sees of files: mounts, devices, masks, its root.
#include <algorithm>
#include <map>

#include "helpers/text.hpp"
#include "support/host.hpp"
#include "support/run.hpp"
#include "sys/files.hpp"

namespace mydocker::test {
namespace {

using Words = std::vector<std::string>;

constexpr const char* kModes[] = {"-a", "-aU"};

// Mount point -> options, as /proc/self/mountinfo of a container has them.
std::map<std::string, Words> mounts_in(const Words& options) {
  std::map<std::string, Words> out;
  const std::string table = in_container(options, "cat /proc/self/mountinfo").out;
  for (const auto line : text::split(table, '\n')) {
    const auto fields = text::words(line);
    if (fields.size() < 6) continue;
    const auto split = text::split(fields[5], ',');
    out[std::string(fields[4])] = {split.begin(), split.end()};
  }
  return out;
}

bool has(const Words& options, const std::string& wanted) {
  return std::find(options.begin(), options.end(), wanted) != options.end();
}

TEST(Mounts, CarryTheirFlags) {
  const std::map<std::string, Words> wanted{
      {"/", {"rw", "nosuid", "nodev"}},
      {"/proc", {"rw", "nosuid", "nodev", "noexec"}},
      {"/sys", {"ro", "nosuid", "nodev", "noexec"}},
      {"/dev", {"rw", "nosuid", "noexec"}},
      {"/dev/pts", {"rw", "nosuid", "noexec"}},
      {"/dev/shm", {"rw", "nosuid", "nodev", "noexec"}},
      {"/dev/mqueue", {"rw", "nosuid", "nodev", "noexec"}},
      {"/proc/sys", {"ro", "nosuid", "nodev", "noexec"}},
      {"/proc/irq", {"ro", "nosuid", "nodev", "noexec"}},
      {"/proc/bus", {"ro", "nosuid", "nodev", "noexec"}},
      {"/proc/fs", {"ro", "nosuid", "nodev", "noexec"}},
  };
  for (const char* const mode : kModes) {
    const auto mounts = mounts_in({mode});
    for (const auto& [path, options] : wanted) {
      const auto found = mounts.find(path);
      ASSERT_NE(found, mounts.end()) << path;
      for (const auto& option : options) {
        EXPECT_TRUE(has(found->second, option)) << mode << ' ' << path << ' ' << option;
      }
    }
  }
}

TEST(Mounts, AllVoidSetIdBits) {
  const TemporaryFolder folder;
  for (const char* const mode : kModes) {
    for (const auto& [path, options] :
         mounts_in({mode, "--volume", folder.path() + ":/mnt", "--tmpfs", "/media"})) {
      EXPECT_TRUE(has(options, "nosuid")) << mode << ' ' << path;
    }
  }
}

TEST(Mounts, AreNoneOfTheHosts) {
  for (const char* const mode : kModes) {
    for (const auto& [path, options] : mounts_in({mode})) {
      const bool is_ours = path == "/" || path.starts_with("/proc") || path.starts_with("/sys") ||
                           path.starts_with("/dev");
      EXPECT_TRUE(is_ours) << path;
    }
    // What pivot_root left: the folder above the root is the root.
    EXPECT_EQ(in_container({mode}, "[ /.. -ef / ] && [ /proc/1/root -ef / ]").status, 0);
  }
}

TEST(Mounts, CannotBeChangedFromInside) {
  for (const char* const mode : kModes) {
    for (const char* const request :
         {"mount -t proc none /mnt", "mount -t sysfs none /mnt", "mount -t tmpfs none /mnt",
          "mount -t cgroup2 none /mnt", "mount -o remount,rw /sys",
          "mount -o remount,bind,rw /proc/sys", "mount --bind / /mnt", "umount /proc/sys",
          "umount /sys/firmware", "umount -l /dev"}) {
      EXPECT_NE(in_container({mode}, request).status, 0) << mode << ' ' << request;
    }
  }
}

TEST(Mounts, HideWhatTellsAboutTheHost) {
  for (const char* const mode : kModes) {
    for (const char* const file :
         {"/proc/kcore", "/proc/keys", "/proc/timer_list", "/proc/timer_stats", "/proc/sched_debug",
          "/proc/latency_stats", "/proc/interrupts"}) {
      const Result result = in_container({mode}, std::string("cat ") + file);
      EXPECT_NE(result.status, 0) << mode << ' ' << file;
      EXPECT_EQ(result.out, "") << mode << ' ' << file;
    }
    for (const char* const folder : {"/sys/firmware", "/proc/acpi", "/proc/scsi", "/proc/asound",
                                     "/sys/devices/virtual/powercap"}) {
      const Result result = in_container({mode}, std::string("find ") + folder + " -mindepth 1");
      EXPECT_EQ(result.out, "") << mode << ' ' << folder;
      EXPECT_NE(in_container({mode}, std::string("> ") + folder + "/new").status, 0);
    }
  }
}

TEST(Mounts, KeepTheKernelsSettingsReadOnly) {
  for (const char* const mode : kModes) {
    // Opened for writing and closed again: nothing is written even if the door is open.
    for (const char* const file :
         {"/proc/sys/kernel/core_pattern", "/proc/sys/kernel/modprobe", "/proc/sys/kernel/hostname",
          "/proc/sys/vm/drop_caches", "/proc/sys/vm/panic_on_oom", "/proc/sys/net/ipv4/ip_forward",
          "/proc/sys/kernel/randomize_va_space", "/proc/sysrq-trigger",
          "/proc/irq/default_smp_affinity", "/sys/kernel/uevent_helper",
          "/sys/kernel/mm/transparent_hugepage/enabled", "/sys/power/state"}) {
      EXPECT_NE(in_container({mode}, std::string(": >> ") + file).status, 0) << mode << ' ' << file;
    }
  }
}

TEST(Devices, AreTheStandardOnesAndNoOthers) {
  for (const char* const mode : kModes) {
    EXPECT_EQ(in_container({mode}, "cd /dev; echo *").out,
              "fd full mqueue null ptmx pts random shm stderr stdin stdout tty urandom zero\n");
    EXPECT_EQ(in_container({mode},
                           "stat -L -c '%n %t:%T %a' /dev/null /dev/zero /dev/full /dev/random "
                           "/dev/urandom /dev/tty")
                  .out,
              "/dev/null 1:3 666\n/dev/zero 1:5 666\n/dev/full 1:7 666\n/dev/random 1:8 666\n"
              "/dev/urandom 1:9 666\n/dev/tty 5:0 666\n");
  }
}

TEST(Devices, Work) {
  const std::string script =
      "set -e; echo x > /dev/null; [ -z \"$(cat /dev/null)\" ];"
      "[ \"$(head -c 4 /dev/zero | od -An -tx1)\" = ' 00 00 00 00' ];"
      "[ $(head -c 9 /dev/urandom | wc -c) = 9 ]; [ $(head -c 9 /dev/random | wc -c) = 9 ];"
      "echo through > /dev/stdout; echo yes | cat /dev/stdin; echo fd >> /dev/fd/1;"
      "echo x > /dev/full || exit 28";
  for (const char* const mode : kModes) {
    for (const char* const user : {"0", "1000"}) {
      const Result result = in_container({mode, "--user", user}, script);
      EXPECT_EQ(result.status, 28) << mode << ' ' << user << result.err;
      EXPECT_NE(result.err.find("No space left on device"), std::string::npos) << result.err;
      if (std::string(user) == "0") {
        EXPECT_EQ(result.out, "through\nyes\nfd\n");
      }
    }
  }
}

TEST(Devices, CannotBeMadeInside) {
  for (const char* const mode : kModes) {
    EXPECT_NE(in_container({mode}, "mknod /dev/disk b 254 0").status, 0);
    EXPECT_NE(in_container({mode, "--tmpfs", "/mnt"}, "mknod /mnt/kmsg c 1 11").status, 0);
  }
}

TEST(Devices, HaveAConsoleOnlyWithATerminal) {
  for (const char* const mode : kModes) {
    EXPECT_EQ(in_container({mode}, "ls /dev/console").status, 2);
    const Result result =
        in_container({mode, "--tty"}, "stat -c %t /dev/console; tty; ls -1 /dev/pts");
    EXPECT_EQ(result.status, 0);
    EXPECT_EQ(text::replaced(result.out, "\r", ""), "88\n/dev/pts/0\n0\nptmx\n") << result.err;
  }
}

TEST(ReadOnlyRoot, TakesNoFileWhileTheMountsOnItStayAsTheyAre) {
  for (const char* const mode : kModes) {
    const Result result = in_container({mode, "--read-only", "--tmpfs", "/mnt"},
                                       "touch /mnt/a /dev/shm/b || exit 1; touch /etc/c /tmp/d");
    EXPECT_EQ(result.status, 1);
    EXPECT_NE(result.err.find("'/etc/c': Read-only file system"), std::string::npos) << result.err;
    EXPECT_NE(result.err.find("'/tmp/d': Read-only file system"), std::string::npos) << result.err;
    EXPECT_EQ(result.err.find("/mnt"), std::string::npos) << result.err;
  }
}

TEST(Tmpfs, IsEmptyAndEndsAtItsSize) {
  for (const char* const mode : kModes) {
    const Result result = in_container({mode, "--tmpfs", "/mnt:1m"},
                                       "ls -A /mnt; head -c 900000 /dev/zero > /mnt/a && "
                                       "head -c 900000 /dev/zero > /mnt/b");
    EXPECT_EQ(result.status, 1);
    EXPECT_EQ(result.out, "");
    EXPECT_NE(result.err.find("No space left on device"), std::string::npos) << result.err;
  }
}

TEST(Tmpfs, BelongsToEveryUserOfTheContainer) {
  for (const char* const mode : kModes) {
    EXPECT_EQ(
        in_container({mode, "--user", "1000", "--tmpfs", "/mnt"}, "stat -c %a /mnt; > /mnt/a").out,
        "1777\n");
  }
}

TEST(Tmpfs, MakesItsMountPoint) {
  const std::string name = unique_id("tmpfs");
  const std::string target = "/mnt/" + name + "/below";
  EXPECT_EQ(
      in_container({"-aU", "--tmpfs", "/mnt", "--tmpfs", target}, "> " + target + "/a").status, 0);
}

}  // namespace
}  // namespace mydocker::test
