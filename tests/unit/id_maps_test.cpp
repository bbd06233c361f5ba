#include "helpers/id_maps.hpp"

namespace mydocker {
namespace {

TEST(IdMaps, AreOneLineARangeAsTheKernelWantsThem) {
  EXPECT_EQ(id_map_text({}), "");
  EXPECT_EQ(id_map_text({{0, 100000, 65536}}), "0 100000 65536\n");
  EXPECT_EQ(id_map_text({{0, 1000, 1}, {1, 4294967294, 2}}), "0 1000 1\n1 4294967294 2\n");
}

TEST(IdMaps, ShareIdsWithWhomASubordinateRangeMeetsThem) {
  const IdRange ids{0, 100000, 65536};
  EXPECT_EQ(sharer_of(ids, ""), "");
  EXPECT_EQ(sharer_of(ids, "before:34464:65536\nbehind:165536:65536\nnone:x:1\nshort:100000\n"),
            "");
  EXPECT_EQ(sharer_of(ids, "before:34464:65537\n"), "before");
  EXPECT_EQ(sharer_of(ids, "other:1:1\nlast:165535:1"), "last");
  EXPECT_EQ(sharer_of(ids, "all:1:4294967294\n"), "all");
}

TEST(IdMaps, OfAUserAreHimselfAndHisRanges) {
  const std::string passwd = "root:x:0:0::/root:/bin/sh\ncasual:x:1000:1000::/:/bin/sh\n";
  EXPECT_EQ(user_name(passwd, 1000), "casual");
  EXPECT_EQ(user_name(passwd, 100), "");
  const auto map = [](std::string_view file, std::string_view name = "casual") {
    return id_map_text(own_id_map(1000, file, name, 1000));
  };
  EXPECT_EQ(map(""), "0 1000 1\n");
  EXPECT_EQ(map("other:5:5\ncasual:500000:65536\n1000:7:3\n"),
            "0 1000 1\n1 500000 65536\n65537 7 3\n");
  EXPECT_EQ(map(":5:5\n", ""), "0 1000 1\n") << "no name is nobody's name";
}

TEST(IdMaps, OfAUserHoldNeitherTheHostsRootNorAnIdTwice) {
  const auto map = [](std::string_view file) {
    return id_map_text(own_id_map(1000, file, "casual", 1000));
  };
  for (const char* const line : {"casual:0:10", "casual:995:10", "casual:5:0", "casual:x:1",
                                 "casual:1:-1", "casual:5", "casual:4294967290:10"})
    EXPECT_EQ(map(line), "0 1000 1\n") << line;
}

}  // namespace
}  // namespace mydocker
