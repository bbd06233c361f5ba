// Paths as they are seen from the mounts that were made.
#include "runtime/mounts_made.hpp"

#include <fcntl.h>
#include <gtest/gtest.h>

namespace mydocker::test {
namespace {

class MountsMadeTest : public testing::Test {
 protected:
  int add(const char* target) {
    UniqueFd fd(::open("/", O_PATH | O_CLOEXEC));
    const int number = fd.get();
    mounts.add(target, std::move(fd));
    return number;
  }
  MountsMade mounts;
};

using Found = std::pair<int, std::string>;

TEST_F(MountsMadeTest, FindNothingForAPathOfTheRootItself) {
  add("/proc");
  EXPECT_EQ(mounts.find("/etc/passwd"), Found(-1, "/etc/passwd"));
  EXPECT_EQ(mounts.find("/process"), Found(-1, "/process"));
  EXPECT_EQ(mounts.find("/"), Found(-1, "/"));
}

TEST_F(MountsMadeTest, FindTheMountAndTheRestOfThePath) {
  const int proc = add("/proc/"), dev = add("/dev"), pts = add("/dev/pts");
  EXPECT_EQ(mounts.find("/proc"), Found(proc, "/"));
  EXPECT_EQ(mounts.find("/proc/sys/net"), Found(proc, "/sys/net"));
  EXPECT_EQ(mounts.find("/dev/ptmx"), Found(dev, "/ptmx"));
  EXPECT_EQ(mounts.find("/dev/pts/0"), Found(pts, "/0"));
}

TEST_F(MountsMadeTest, FindTheLatestOfTwoInOnePlace) {
  add("/sys");
  const int second = add("/sys");
  EXPECT_EQ(mounts.find("/sys/firmware"), Found(second, "/firmware"));
}

}  // namespace
}  // namespace mydocker::test
