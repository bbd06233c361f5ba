#include "runtime/shared_uses.hpp"

#include <filesystem>
#include <fstream>

#include "support/host.hpp"

namespace mydocker::test {
namespace {

TEST(SharedUses, AreKnownToWhoComesNext) {
  const TemporaryFolder folder;
  SharedUses(folder.path()).add({"forwarding/eth0", "first", "0"});
  SharedUses(folder.path()).add({"forwarding/eth0", "second", ""});
  SharedUses uses(folder.path());
  EXPECT_EQ(uses.words_of("forwarding/eth0"), "0");
  EXPECT_EQ(uses.words_of("forwarding/eth1"), "");
  EXPECT_FALSE(uses.is_last("forwarding/eth0", "first"));
  uses.remove("forwarding/eth0", "second");
  EXPECT_TRUE(uses.is_last("forwarding/eth0", "first"));
}

TEST(SharedUses, LeaveNothingBehind) {
  const TemporaryFolder folder;
  SharedUses(folder.path()).add({"rules/nft", "first", "172.16.1.2"});
  SharedUses(folder.path()).remove("rules/nft", "first");
  EXPECT_TRUE(std::filesystem::is_empty(folder.path()));
}

TEST(SharedUses, TakeAwayWhatOneLeftThatWasKilledWhileItWrote) {
  const TemporaryFolder folder;
  SharedUses(folder.path()).add({"rules/nft", "first", ""});
  const auto list = std::filesystem::directory_iterator(folder.path())->path();
  std::ofstream(list.string() + ".new") << "rules/nf";
  SharedUses(folder.path()).remove("rules/nft", "first");
  EXPECT_TRUE(std::filesystem::is_empty(folder.path()));
}

}  // namespace
}  // namespace mydocker::test
