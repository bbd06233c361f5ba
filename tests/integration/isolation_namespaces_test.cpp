// What is the container's own: namespaces, ids, names, network.
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>

#include "helpers/text.hpp"
#include "support/host.hpp"
#include "support/run.hpp"
#include "sys/files.hpp"

namespace mydocker::test {
namespace {

using Words = std::vector<std::string>;

constexpr const char* kModes[] = {"-a", "-aU"};

// What a container's bash prints, which has to succeed.
std::string output_of(const Words& options, const std::string& script) {
  const Result result = in_container(options, script);
  EXPECT_EQ(result.status, 0) << script << '\n' << result.err;
  return result.out;
}

std::string namespace_outside(const std::string& kind) {
  return std::filesystem::read_symlink("/proc/self/ns/" + kind).string() + "\n";
}

std::string namespace_inside(const Words& options, const std::string& kind) {
  return output_of(options, "readlink /proc/self/ns/" + kind);
}

TEST(Namespaces, AreAllNewButTheUserNamespace) {
  for (const char* const kind : {"pid", "mnt", "uts", "ipc", "net", "cgroup"}) {
    for (const char* const mode : kModes) {
      const std::string inside = namespace_inside({mode}, kind);
      EXPECT_TRUE(inside.starts_with(kind)) << inside;
      EXPECT_NE(inside, namespace_outside(kind)) << mode << ' ' << kind;
    }
  }
  EXPECT_EQ(namespace_inside({"-a"}, "user"), namespace_outside("user"));
}

TEST(Namespaces, OfUsersAreNewWhenAskedFor) {
  EXPECT_NE(namespace_inside({"-aU"}, "user"), namespace_outside("user"));
}

TEST(Namespaces, OfCgroupsAreNewWithLimitsToo) {
  for (const char* const mode : {"-ac", "-aUc"}) {
    EXPECT_NE(namespace_inside({mode, "-P", "64"}, "cgroup"), namespace_outside("cgroup"));
  }
}

TEST(Namespaces, MakeTheEntrypointPid1AndHideTheHostsProcesses) {
  for (const char* const mode : kModes) {
    EXPECT_EQ(output_of({mode}, "echo $$; echo /proc/[0-9]*"), "1\n/proc/1\n");
  }
  EXPECT_EQ(output_of({"-aU", "--init"}, "cat /proc/1/comm; readlink /proc/1/exe || true"),
            "mydocker-init\n");
}

TEST(Ids, AreMappedTo65536UnprivilegedOnes) {
  const std::string maps = output_of({"-aU"}, "cat /proc/self/uid_map /proc/self/gid_map");
  for (const auto line : text::split(maps, '\n')) {
    const auto words = text::words(line);
    if (words.empty()) continue;
    EXPECT_EQ(text::join({words.begin(), words.end()}, " "), "0 100000 65536");
  }
  EXPECT_EQ(output_of({"-aU"}, "cat /proc/self/setgroups"), "allow\n");
}

TEST(Ids, OfAnUnprivilegedContainersRootAreNobodysOnTheHost) {
  const std::string seconds = unique_seconds();
  Running program({binary(), "-aU", "/bin/sleep", seconds});
  ASSERT_TRUE(wait_until([&] { return !processes_with(seconds, "/bin/sleep").empty(); }));
  struct stat info {};
  const auto pid = processes_with(seconds, "/bin/sleep").front();
  ASSERT_EQ(::stat(("/proc/" + std::to_string(pid)).c_str(), &info), 0);
  EXPECT_EQ(info.st_uid, 100000U);
  EXPECT_EQ(info.st_gid, 100000U);
}

TEST(Ids, OfFilesStayTheHostsOnTheDisk) {
  const std::string name = unique_id("file");
  const std::string inside = "/tmp/" + name, outside = project() + "/root_fs/root" + inside;
  for (const char* const mode : kModes) {
    const std::string script = "touch " + inside + " && stat -c %u:%g " + inside + " /etc/passwd";
    EXPECT_EQ(output_of({mode}, script), "0:0\n0:0\n");
    struct stat info {};
    EXPECT_EQ(::stat(outside.c_str(), &info), 0);
    EXPECT_EQ(info.st_uid, 0U);
    EXPECT_EQ(info.st_gid, 0U);
    ::unlink(outside.c_str());
  }
}

TEST(Ids, OfFilesInAVolumeStayTheHostsOnTheDisk) {
  const TemporaryFolder folder;
  const Words options{"-aU", "--volume", folder.path() + ":/mnt"};
  EXPECT_EQ(output_of(options, "touch /mnt/a /mnt/b; chown 33:34 /mnt/b; stat -c %u:%g /mnt/*"),
            "0:0\n33:34\n");
  struct stat a {
  }, b{};
  EXPECT_EQ(::stat((folder.path() + "/a").c_str(), &a), 0);
  EXPECT_EQ(::stat((folder.path() + "/b").c_str(), &b), 0);
  EXPECT_EQ(a.st_uid, 0U);
  EXPECT_EQ(b.st_uid, 33U);
  EXPECT_EQ(b.st_gid, 34U);
}

TEST(Ids, AreThoseOfUser) {
  const std::string script = "id -u; id -g; id -G; echo $HOME";
  for (const char* const mode : kModes) {
    EXPECT_EQ(output_of({mode}, script), "0\n0\n0\n/root\n");
    EXPECT_EQ(output_of({mode, "--user", "1234"}, script), "1234\n0\n0\n/\n");
    EXPECT_EQ(output_of({mode, "--user", "1234:567"}, script), "1234\n567\n567\n/\n");
    EXPECT_EQ(output_of({mode, "--user", "0:33"}, script), "0\n33\n33\n/root\n");
    EXPECT_EQ(output_of({mode, "--user", "33"}, script), "33\n33\n33\n/var/www\n");
    EXPECT_EQ(output_of({mode, "--user", "www-data"}, script), "33\n33\n33\n/var/www\n");
    EXPECT_EQ(output_of({mode, "--user", "www-data:daemon"}, script), "33\n1\n1\n/var/www\n");
  }
}

TEST(Ids, ThatNobodyCanMeanAreRefused) {
  for (const char* const user : {"", ":", "1:", ":1", "-1", "0x1", "4294967295", "4294967296",
                                 "1:4294967295", "no-such", "root:no-such", "1:2:3", " 1", "1 "}) {
    EXPECT_EQ(mydocker({"-a", "--user", user, "/bin/true"}).status, 2) << user;
  }
  EXPECT_EQ(mydocker({"-aU", "--user", "65536", "/bin/true"}).status, 2);
  EXPECT_EQ(output_of({"-a", "--user", "65536"}, "id -u"), "65536\n");
  EXPECT_EQ(output_of({"-aU", "--user", "01"}, "id -u"), "1\n");
}

TEST(Ids, DoNotIncludeTheCallersGroups) {
  for (const char* const mode : kModes) {
    for (const Words& user : {Words{}, Words{"--user", "1000:1000"}}) {
      Words words{mode};
      words.insert(words.end(), user.begin(), user.end());
      words.insert(words.end(), {"/usr/bin/id", "-G"});
      const Result result = from_shell("exec setpriv --groups 4,24,27 \"$@\"", words);
      EXPECT_EQ(result.out, user.empty() ? "0\n" : "1000\n");
    }
  }
}

TEST(Ids, OfAGroupThatWasLeftDoNotOpenAFile) {
  const TemporaryFolder folder;
  const std::string path = folder.path() + "/file";
  ::close(::creat(path.c_str(), 0640));
  EXPECT_EQ(::chown(path.c_str(), 0, 27), 0);
  const Result result = from_shell("exec setpriv --groups 27 \"$@\"",
                                   {"-a", "--user", "1000", "--tmpfs", "/mnt", "--volume",
                                    path + ":/mnt/file", "/bin/cat", "/mnt/file"});
  EXPECT_EQ(result.status, 1);
  EXPECT_NE(result.err.find("Permission denied"), std::string::npos) << result.err;
}

TEST(Hostname, IsContainerOrWhatWasAskedFor) {
  const std::string outside = run({"hostname"}).out;
  for (const char* const mode : kModes) {
    EXPECT_EQ(output_of({mode}, "hostname; echo $HOSTNAME"), "container\ncontainer\n");
    EXPECT_EQ(output_of({mode, "--hostname", "web-1.local"}, "hostname; echo $HOSTNAME"),
              "web-1.local\nweb-1.local\n");
  }
  EXPECT_EQ(run({"hostname"}).out, outside);
}

TEST(Network, HasLoopbackAlone) {
  for (const char* const mode : kModes) {
    EXPECT_EQ(output_of({mode}, "cd /proc/sys/net/ipv4/conf; echo *"), "all default lo\n");
    EXPECT_NE(output_of({mode}, "ip -o -4 addr").find("127.0.0.1/8"), std::string::npos);
    EXPECT_EQ(output_of({mode}, "ip route"), "");
  }
}

TEST(Network, LetsEveryUserPingWithoutRawSockets) {
  for (const char* const mode : kModes) {
    for (const char* const user : {"0", "1000:1000", "www-data"}) {
      EXPECT_EQ(
          mydocker({mode, "--user", user, "/usr/bin/ping", "-q", "-c1", "-w5", "127.0.0.1"}).status,
          0)
          << mode << ' ' << user;
    }
  }
}

TEST(Ipc, ObjectsOfTheHostAreNotVisible) {
  const std::string name = "/dev/shm/" + unique_id("shm");
  ::close(::creat(name.c_str(), 0666));
  for (const char* const mode : kModes) {
    EXPECT_EQ(output_of({mode}, "ls -A /dev/shm /dev/mqueue"), "/dev/mqueue:\n\n/dev/shm:\n");
  }
  ::unlink(name.c_str());
}

}  // namespace
}  // namespace mydocker::test
