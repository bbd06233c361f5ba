// K9: whoever may execute such a program would be root with MyDocker's help.
#include <sys/stat.h>

#include <filesystem>

#include "support/host.hpp"
#include "support/run.hpp"

namespace mydocker::test {
namespace {

TEST(SetIdBinary, RefusesToRun) {
  const TemporaryFolder folder;
  const std::string copy = folder.path() + "/MyDocker";
  std::filesystem::permissions(folder.path(), std::filesystem::perms(0755));
  std::filesystem::copy_file(binary(), copy);
  const auto as_nobody = [&] {
    return run({"setpriv", "--reuid", "65534", "--regid", "65534", "--clear-groups", copy, "-a",
                "--dry-run", "/bin/true"});
  };
  EXPECT_EQ(as_nobody().status, 0);
  for (const mode_t mode : {04755U, 02755U}) {
    ASSERT_EQ(::chmod(copy.c_str(), mode), 0);
    const Result result = as_nobody();
    EXPECT_EQ(result.status, 125) << std::oct << mode;
    EXPECT_EQ(result.out, "");
    EXPECT_NE(result.err.find("start as a set-user-ID program"), std::string::npos) << result.err;
  }
  ASSERT_EQ(::chmod(copy.c_str(), 0755), 0);
  ASSERT_EQ(run({"setcap", "cap_net_admin+ep", copy}).status, 0);
  EXPECT_EQ(as_nobody().status, 125);
}

}  // namespace
}  // namespace mydocker::test
