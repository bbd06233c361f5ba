#include "helpers/progress.hpp"

namespace mydocker {
namespace {

TEST(Progress, IsALineThatFits) {
  EXPECT_EQ(progress_line("unpacking x", 0, 100, 30), "unpacking x [          ]   0 %");
  EXPECT_EQ(progress_line("unpacking x", 45, 100, 30), "unpacking x [====      ]  45 %");
  EXPECT_EQ(progress_line("unpacking x", 100, 100, 30), "unpacking x [==========] 100 %");
  EXPECT_EQ(progress_line("unpacking x", 45, 100, 29), "unpacking x  45 %");
  EXPECT_EQ(progress_line("unpacking x", 45, 100, 10), " 45 %");
  EXPECT_EQ(progress_line("unpacking x", 45, 100, 0), " 45 %")
      << "a terminal that does not know its size";
}

TEST(Progress, KnowsNoMoreThanAll) {
  EXPECT_EQ(progress_line("x", 7, 0, 7), "x   0 %") << "nothing of nothing";
  EXPECT_EQ(progress_line("x", 200, 100, 7), "x 100 %");
  EXPECT_EQ(progress_line("x", UINT64_MAX, UINT64_MAX, 7), "x 100 %");
  EXPECT_LE(progress_line("x", 1, 2, 1000).size(), 60U);
}

}  // namespace
}  // namespace mydocker
