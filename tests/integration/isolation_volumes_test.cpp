// Folders and files of the host inside: writable or read-only as asked, and never a way out.
#include <sys/stat.h>

#include <filesystem>
#include <fstream>

#include "support/host.hpp"
#include "support/run.hpp"
#include "sys/files.hpp"

namespace mydocker::test {
namespace {

using Words = std::vector<std::string>;

constexpr const char* kModes[] = {"-a", "-aU"};

void write(const std::string& path, const std::string& text) { std::ofstream(path) << text; }

TEST(Volume, OfAFolderIsReadAndWritten) {
  for (const char* const mode : kModes) {
    for (const char* const end : {"", ":rw"}) {
      const TemporaryFolder folder;
      write(folder.path() + "/in", "from outside\n");
      const Result result = in_container({mode, "--volume", folder.path() + ":/mnt" + end},
                                         "cat /mnt/in; echo from inside > /mnt/out");
      EXPECT_EQ(result.out, "from outside\n");
      EXPECT_EQ(sys::read_file(folder.path() + "/out"), "from inside\n");
    }
  }
}

TEST(Volume, OfAFileIsReadAndWritten) {
  const TemporaryFolder folder;
  const std::string file = folder.path() + "/file";
  for (const char* const mode : kModes) {
    write(file, "before\n");
    const Result result = in_container({mode, "--tmpfs", "/mnt", "--volume", file + ":/mnt/there"},
                                       "cat /mnt/there; echo after > /mnt/there");
    EXPECT_EQ(result.out, "before\n") << result.err;
    EXPECT_EQ(sys::read_file(file), "after\n");
  }
}

TEST(Volume, MayCoverAFileOfTheRoot) {
  const TemporaryFolder folder;
  const std::string file = folder.path() + "/file";
  write(file, "another\n");
  const std::string before = sys::read_file(project() + "/root_fs/root/etc/passwd");
  EXPECT_EQ(in_container({"-aU", "--volume", file + ":/etc/passwd:ro"}, "cat /etc/passwd").out,
            "another\n");
  EXPECT_EQ(sys::read_file(project() + "/root_fs/root/etc/passwd"), before);
}

TEST(Volume, MayCoverADeviceOfTheContainers) {
  const TemporaryFolder folder;
  const std::string file = folder.path() + "/file";
  write(file, "not random\n");
  for (const char* const mode : kModes) {
    const Result result = in_container({mode, "--volume", file + ":/dev/random:ro"},
                                       "head -c 11 /dev/random; test -c /dev/urandom");
    EXPECT_EQ(result.out, "not random\n") << result.err;
    EXPECT_EQ(result.status, 0);
  }
}

TEST(Volume, ThatIsReadOnlyCannotBeWritten) {
  const TemporaryFolder folder;
  write(folder.path() + "/file", "as it was\n");
  for (const char* const mode : kModes) {
    const Result result =
        in_container({mode, "--volume", folder.path() + ":/mnt:ro"},
                     "echo x > /mnt/file; echo x > /mnt/new; rm -f /mnt/file; chmod 777 /mnt; "
                     "mount -o remount,bind,rw /mnt; echo x > /mnt/file");
    EXPECT_NE(result.status, 0);
    EXPECT_NE(result.err.find("Read-only file system"), std::string::npos) << result.err;
    EXPECT_EQ(sys::read_file(folder.path() + "/file"), "as it was\n");
    EXPECT_FALSE(sys::exists(folder.path() + "/new"));
  }
}

TEST(Volume, ThatIsReadOnlyIsSoWithAllMountsBelowIt) {
  const TemporaryFolder folder;
  std::filesystem::create_directories(folder.path() + "/sub");
  for (const char* const mode : kModes) {
    // The mount below the source lives in a mount namespace of the test's own.
    const std::string script =
        "sub=$1; shift; exec unshare -m /bin/bash -c "
        "'mount -t tmpfs none \"$0\" && echo below > \"$0/file\" && exec \"$@\"' "
        "\"$sub\" \"$@\"";
    Words words{"/bin/bash",
                "-c",
                script,
                "caller",
                folder.path() + "/sub",
                binary(),
                mode,
                "--volume",
                folder.path() + ":/mnt:ro",
                "/bin/bash",
                "-c",
                "cat /mnt/sub/file; echo x > /mnt/new; echo x > /mnt/sub/new; ls /mnt/sub"};
    const Result result = run(words);
    EXPECT_EQ(result.out, "below\nfile\n") << result.err;
    EXPECT_NE(result.err.find("/mnt/sub/new: Read-only file system"), std::string::npos)
        << result.err;
  }
}

TEST(Volume, TakesAlongTheMountsBelowItsSource) {
  const TemporaryFolder folder;
  std::filesystem::create_directories(folder.path() + "/sub");
  const std::string script =
      "exec unshare -m /bin/bash -c "
      "'mount -t tmpfs none \"$0\" && echo below > \"$0/file\" && exec \"$@\"' \"$@\"";
  const Result result =
      run({"/bin/bash", "-c", script, "caller", folder.path() + "/sub", binary(), "-a", "--volume",
           folder.path() + ":/mnt", "/bin/cat", "/mnt/sub/file"});
  EXPECT_EQ(result.out, "below\n") << result.err;
}

TEST(Volume, WhoseTargetIsASymlinkOutStaysInsideTheRoot) {
  const TemporaryFolder folder, host;
  std::filesystem::create_directories(folder.path() + "/source");
  write(folder.path() + "/source/file", "inside\n");
  // The first volume brings the links, the second one goes through them.
  std::filesystem::create_directories(folder.path() + "/links");
  std::filesystem::create_directory_symlink(host.path(), folder.path() + "/links/absolute");
  std::filesystem::create_directory_symlink("../../../../../../.." + host.path(),
                                            folder.path() + "/links/relative");
  std::filesystem::create_directory_symlink("/proc/1/root" + host.path(),
                                            folder.path() + "/links/magic");
  for (const char* const mode : kModes) {
    for (const char* const link : {"absolute", "relative", "magic"}) {
      for (const char* const below : {"", "/below"}) {
        const std::string target = std::string("/mnt/") + link + below;
        const Result result = mydocker({mode, "--volume", folder.path() + "/links:/mnt", "--volume",
                                        folder.path() + "/source:" + target, "/bin/true"});
        EXPECT_EQ(result.out, "");
        EXPECT_TRUE(result.status == 0 || result.status == 125) << result.status;
        EXPECT_TRUE(std::filesystem::is_empty(host.path())) << target;
      }
    }
    std::filesystem::remove_all(project() + "/root_fs/root" + host.path());
  }
}

TEST(Volume, WhoseTargetIsASymlinkInsideTheRootIsMountedWhereThatLeads) {
  const TemporaryFolder folder, links;
  write(folder.path() + "/file", "found\n");
  std::filesystem::create_directory_symlink("/media", links.path() + "/link");
  for (const char* const mode : kModes) {
    const Result result = in_container(
        {mode, "--volume", links.path() + ":/mnt", "--volume", folder.path() + ":/mnt/link"},
        "cat /media/file");
    EXPECT_EQ(result.out, "found\n") << result.err;
  }
}

TEST(Volume, OnAFolderThatProtectsTheHostIsRefused) {
  for (const char* const target :
       {"/proc", "/proc/", "//proc", "/./proc", "/proc/self", "/sys", "/sys/fs/cgroup", "/dev", "/",
        "/mnt/../proc", "/mnt/..", "relative"}) {
    const Result volume = mydocker({"-a", "--volume", std::string("/etc:") + target, "/bin/true"});
    EXPECT_EQ(volume.status, 2) << target;
    EXPECT_NE(volume.err.find("target"), std::string::npos) << volume.err;
    EXPECT_EQ(mydocker({"-a", "--tmpfs", target, "/bin/true"}).status, 2) << target;
  }
}

TEST(Volume, ThatIsMalformedIsRefused) {
  for (const char* const volume :
       {"", "/etc", ":/mnt", "/etc:", "/etc:/mnt:rx", "/etc:/mnt:ro:ro", "::"}) {
    EXPECT_EQ(mydocker({"-a", "--volume", volume, "/bin/true"}).status, 2) << volume;
  }
}

TEST(Volume, OfAFolderOnAFileIsRefused) {
  EXPECT_EQ(mydocker({"-a", "--volume", "/etc:/etc/passwd", "/bin/true"}).status, 125);
}

TEST(Volume, VoidsSetIdBits) {
  const TemporaryFolder folder;
  const std::string copy = folder.path() + "/bin/id";
  std::filesystem::create_directories(folder.path() + "/bin");
  std::filesystem::copy_file(project() + "/root_fs/root/usr/bin/id", copy);
  ::chmod(copy.c_str(), 06755);
  for (const char* const mode : kModes) {
    const Words options{mode, "--user", "1000:1000", "--volume", folder.path() + "/bin:/mnt"};
    EXPECT_EQ(in_container(options, "stat -c %a /mnt/id; /mnt/id -u; /mnt/id -g").out,
              "6755\n1000\n1000\n");
  }
}

TEST(Volume, VoidsDeviceNodes) {
  const TemporaryFolder folder;
  const std::string node = folder.path() + "/null";
  ASSERT_EQ(run({"mknod", "-m", "666", node, "c", "1", "3"}).status, 0);
  for (const char* const mode : kModes) {
    const Result result =
        in_container({mode, "--volume", folder.path() + ":/mnt"}, "cat /mnt/null");
    EXPECT_NE(result.err.find("Permission denied"), std::string::npos) << result.err;
  }
}

TEST(Volume, AppearsOnTheHostAsNoMount) {
  const TemporaryFolder folder;
  const std::string before = sys::read_file("/proc/self/mountinfo");
  EXPECT_EQ(mydocker({"-aU", "--volume", folder.path() + ":/mnt", "/bin/true"}).status, 0);
  EXPECT_EQ(sys::read_file("/proc/self/mountinfo"), before);
}

TEST(Volume, ThroughASymlinkOntoProcIsNoWayAroundThatRefusal) {
  const TemporaryFolder links, fake;
  std::filesystem::create_directories(fake.path() + "/self");
  write(fake.path() + "/version", "not the kernel's\n");
  std::filesystem::create_directory_symlink("/proc", links.path() + "/link");
  for (const char* const mode : kModes) {
    const Result result = in_container(
        {mode, "--volume", links.path() + ":/mnt", "--volume", fake.path() + ":/mnt/link"},
        "cat /proc/version");
    EXPECT_EQ(result.out.find("not the kernel's"), std::string::npos) << mode;
  }
}

TEST(Volume, OfAFolderOnAFileIsRefusedWithAHint) {
  const Result result = mydocker({"-a", "--volume", "/etc:/etc/passwd", "/bin/true"});
  EXPECT_EQ(result.status, 125);
  EXPECT_NE(result.err.find("hint: a folder is mounted on a folder"), std::string::npos)
      << result.err;
}

}  // namespace
}  // namespace mydocker::test
