// The exit statuses of the contract, from outside.
#include <csignal>

#include "support/run.hpp"

namespace mydocker::test {
namespace {

TEST(ExitStatus, IsTheEntrypointsOwn) {
  EXPECT_EQ(in_container({"-a"}, "exit 7").status, 7);
  EXPECT_EQ(in_container({"-aU"}, "exit 0").status, 0);
}

TEST(ExitStatus, SaysThatTheEntrypointIsMissing) {
  const Result result = mydocker({"-a", "/no/such/program"});
  EXPECT_EQ(result.status, 127);
  EXPECT_EQ(result.out, "");
  EXPECT_NE(result.err.find("'/no/such/program'"), std::string::npos) << result.err;
}

}  // namespace
}  // namespace mydocker::test
