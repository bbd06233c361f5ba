#include "helpers/numbers.hpp"

namespace mydocker::numbers {
namespace {

TEST(Numbers, AreDigitsAlone) {
  EXPECT_EQ(parse("0"), 0U);
  EXPECT_EQ(parse("18446744073709551615"), UINT64_MAX);
  for (const char* const text : {"", " 1", "1 ", "+1", "-1", "0x1", "1.5", "1e3", "abc", "1\n"}) {
    EXPECT_EQ(parse(text), std::nullopt) << "'" << text << "'";
  }
}

TEST(Numbers, StopAtTheLargestAllowed) {
  EXPECT_EQ(parse("100", 100), 100U);
  EXPECT_EQ(parse("101", 100), std::nullopt);
  EXPECT_EQ(parse("18446744073709551616"), std::nullopt);
}

TEST(Sizes, TakeOneUnitInEitherCase) {
  EXPECT_EQ(parse_size("7"), Bytes{7});
  EXPECT_EQ(parse_size("1k"), Bytes{1024});
  EXPECT_EQ(parse_size("1K"), Bytes{1024});
  EXPECT_EQ(parse_size("512m"), Bytes{512ULL << 20});
  EXPECT_EQ(parse_size("512M"), Bytes{512ULL << 20});
  EXPECT_EQ(parse_size("4g"), Bytes{4294967296});
  EXPECT_EQ(parse_size("4G"), Bytes{4294967296});
}

TEST(Sizes, RefuseWhatIsNoSize) {
  for (const char* const text :
       {"", "k", "1kb", "1mm", "1t", "1.5g", "-1k", " 1k", "1 k", "0x1k", "k1"}) {
    EXPECT_EQ(parse_size(text), std::nullopt) << "'" << text << "'";
  }
}

TEST(Sizes, RefuseOverflow) {
  EXPECT_EQ(parse_size("17179869183g"), Bytes{17179869183ULL << 30});
  EXPECT_EQ(parse_size("17179869184g"), std::nullopt);
  EXPECT_EQ(parse_size("18446744073709551615k"), std::nullopt);
}

TEST(Sizes, AreToldInTheLargestUnitThatDividesThem) {
  EXPECT_EQ(size_text(Bytes{64ULL << 20}), "64 MiB");
  EXPECT_EQ(size_text(Bytes{1ULL << 30}), "1 GiB");
  EXPECT_EQ(size_text(Bytes{1536ULL << 20}), "1536 MiB");
  EXPECT_EQ(size_text(Bytes{2048}), "2 KiB");
  EXPECT_EQ(size_text(Bytes{1000}), "1000 bytes");
  EXPECT_EQ(size_text(Bytes{1}), "1 byte");
  EXPECT_EQ(size_text(Bytes{0}), "0 bytes");
}

TEST(Lists, AreNumbersAndRanges) {
  using Numbers = std::vector<unsigned>;
  EXPECT_EQ(parse_list("", 7), Numbers{});
  EXPECT_EQ(parse_list("3", 7), Numbers{3});
  EXPECT_EQ(parse_list("0-3,5", 7), (Numbers{0, 1, 2, 3, 5}));
  EXPECT_EQ(parse_list("2-2,7", 7), (Numbers{2, 7}));
  EXPECT_EQ(parse_list("5,1", 7), (Numbers{5, 1})) << "in the order of the text";
}

TEST(Lists, RefuseWhatIsNoList) {
  for (const char* const text : {",", "1,", ",1", "1,,2", "-", "1-", "-1", "3-2", "1-2-3", "8",
                                 "0-8", "a", "1 ,2", "0x1", "1-99999999999999999999"}) {
    EXPECT_EQ(parse_list(text, 7), std::nullopt) << "'" << text << "'";
  }
}

TEST(Seconds, HaveUpToThreeDecimals) {
  EXPECT_EQ(parse_milliseconds("10"), 10000);
  EXPECT_EQ(parse_milliseconds("0.5"), 500);
  EXPECT_EQ(parse_milliseconds("0.05"), 50);
  EXPECT_EQ(parse_milliseconds("1.005"), 1005);
  EXPECT_EQ(parse_milliseconds("0"), 0);
  for (const char* const text : {"", ".", "1.", ".5", "1.0005", "-1", "1.-5", "1.5.5", "1s"}) {
    EXPECT_EQ(parse_milliseconds(text), std::nullopt) << "'" << text << "'";
  }
}

TEST(Seconds, EndAfterTenYears) {
  EXPECT_EQ(parse_milliseconds("316224000"), 316224000000);
  EXPECT_EQ(parse_milliseconds("316224001"), std::nullopt);
}

}  // namespace
}  // namespace mydocker::numbers
