// Single requests, performed without a container around them.
#include <sched.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <filesystem>
#include <fstream>

#include "runtime/linux_executor.hpp"
#include "support/host.hpp"
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

// Performs `actions` on a root of its own, an empty folder, in a mount namespace of its own.
std::string content_after(const std::vector<Action>& actions, const std::string& file) {
  const TemporaryFolder folder;
  std::filesystem::create_directories(folder.path() + "/dev");
  const std::string out = folder.path() + "/content";
  const pid_t child = ::fork();
  if (child == 0) {
    bool done = ::unshare(CLONE_NEWNS) == 0;
    try {
      Context context;
      LinuxExecutor executor(context);
      const auto perform = [&](const Action& action) {
        executor.perform({action, "a test", {}, "test"});
      };
      for (const Action& action :
           {Action(MakeMountsPrivate{}), Action(OpenTree{kRootTree, folder.path()}),
            Action(SetTree{}), Action(AttachRoot{folder.path()}),
            Action(MountFileSystem{"tmpfs", "/dev", {}, {}, false})}) {
        perform(action);
      }
      for (const char* const name : {"a", "b"})
        std::ofstream(folder.path() + "/dev/" + name) << "secret";
      for (const auto& action : actions) perform(action);
      std::ofstream(out) << sys::try_read_file(folder.path() + file).value_or("cannot be opened");
    } catch (const std::exception& error) {
      std::ofstream(out) << error.what();
      done = false;
    }
    ::_exit(done ? 0 : 1);
  }
  ::waitpid(child, nullptr, 0);
  return sys::try_read_file(out).value_or("nothing was written");
}

TEST(MaskPaths, BelowDevHideOneAfterTheOther) {
  for (const char* const file : {"/dev/a", "/dev/b"}) {
    EXPECT_EQ(content_after({DropMaskSource{}, MaskPath{"/dev/a"}, DropMaskSource{},
                             MaskPath{"/dev/b"}, DropMaskSource{}},
                            file),
              "cannot be opened");
  }
  EXPECT_EQ(content_after({MaskPath{"/dev/a", Masks::File::empty}, DropMaskSource{}}, "/dev/a"),
            "");
  EXPECT_EQ(content_after({MaskPath{"/dev/a"}, DropMaskSource{}}, "/dev/b"), "secret");
}

}  // namespace
}  // namespace mydocker::test
