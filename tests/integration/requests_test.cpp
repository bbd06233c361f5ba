// Single requests, performed without a container around them.
#include <linux/sched.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include <csignal>

#include "runtime/linux_executor.hpp"
#include "sys/files.hpp"
#include "sys/mounts.hpp"
#include "sys/processes.hpp"

namespace mydocker::test {
namespace {

// A child with a user namespace of its own, whose maps mounts can have.
class MappedChild {
 public:
  MappedChild() : child_(sys::clone_into(CLONE_NEWUSER, -1)) {
    if (child_.pid == 0) {
      ::pause();
      ::_exit(0);
    }
    const std::string folder = "/proc/" + std::to_string(child_.pid);
    sys::write_file(folder + "/uid_map", "0 100000 65536\n");
    sys::write_file(folder + "/gid_map", "0 100000 65536\n");
  }
  ~MappedChild() {
    sys::send_signal(child_.pidfd.get(), SIGKILL);
    (void)sys::wait_for(child_.pidfd.get());
  }
  MappedChild(const MappedChild&) = delete;
  MappedChild& operator=(const MappedChild&) = delete;
  [[nodiscard]] pid_t pid() const { return child_.pid; }

 private:
  sys::Cloned child_;
};

// File systems that no kernel so far can ID-map: proc, ramfs.
class UnmappableTree : public ::testing::Test {
 protected:
  UnmappableTree() { context_.child = child_.pid(); }

  void perform(const Action& action) {
    LinuxExecutor(context_).perform({action, "a test", {}, "test"});
  }

  [[nodiscard]] unsigned long flags_of(Tree tree) const {
    struct statvfs info {};
    EXPECT_EQ(::fstatvfs(context_.trees.at(tree).get(), &info), 0);
    return info.f_flag;
  }

  MappedChild child_;
  Context context_;
};

TEST_F(UnmappableTree, KeepsTheAttributesThatWereAskedForWithTheMap) {
  for (const bool recursive : {false, true}) {
    perform(OpenTree{1, "/proc", false});
    SetTree set{.tree = 1, .set = {.read_only = true}, .set_below = {.noexec = true}};
    set.id_map = MountIdMap{{}, {}, recursive};
    perform(set);
    ASSERT_EQ(context_.warnings.size(), 1U) << "proc can be ID-mapped: take another one";
    EXPECT_NE(flags_of(1) & ST_RDONLY, 0U) << recursive;
    EXPECT_NE(flags_of(1) & ST_NOEXEC, 0U) << recursive;
    context_.warnings.clear();
  }
}

TEST_F(UnmappableTree, NeedsNoMountPointForASourceThatIsLacking) {
  perform(OpenTree{1, "/no/such/source", true, true});
  context_.trees[kRootTree] = sys::make_mount("ramfs", {}, {});
  SetTree set{.tree = kRootTree};
  set.id_map = MountIdMap{{}, {}, true};
  set.mount_points = {{"/lacking", 1}, {"/there", kRootTree}};
  EXPECT_NO_THROW(perform(set));
  ASSERT_EQ(context_.warnings.size(), 1U) << "ramfs can be ID-mapped: take another one";
  struct stat info {};
  EXPECT_EQ(::fstatat(context_.trees[kRootTree].get(), "there", &info, 0), 0);
  EXPECT_NE(::fstatat(context_.trees[kRootTree].get(), "lacking", &info, 0), 0);
}

TEST_F(UnmappableTree, IsAnErrorForMapsThatAnEnginePromised) {
  perform(OpenTree{1, "/proc", false});
  SetTree set{.tree = 1};
  set.id_map = MountIdMap{{{0, 1000, 10}}, {{0, 1000, 10}}, false};
  EXPECT_THROW(perform(set), SetupError);
}

}  // namespace
}  // namespace mydocker::test
