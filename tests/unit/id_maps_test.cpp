#include "helpers/id_maps.hpp"

namespace mydocker {
namespace {

TEST(IdMaps, AreOneLineARangeAsTheKernelWantsThem) {
  EXPECT_EQ(id_map_text({}), "");
  EXPECT_EQ(id_map_text({{0, 100000, 65536}}), "0 100000 65536\n");
  EXPECT_EQ(id_map_text({{0, 1000, 1}, {1, 4294967294, 2}}), "0 1000 1\n1 4294967294 2\n");
}

}  // namespace
}  // namespace mydocker
