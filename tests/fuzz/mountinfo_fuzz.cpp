// /proc/self/mountinfo: anybody who may mount chooses paths in it.
#include "fuzz/fuzz.hpp"
#include "sys/cgroups.hpp"

using namespace mydocker;

int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  for (const auto& hierarchy : sys::parse_cgroup_mounts(fuzz::text_of(bytes, size))) {
    fuzz::require(hierarchy.version == 1 || hierarchy.version == 2);
    fuzz::require(hierarchy.version == 1 || hierarchy.controllers.empty());
    fuzz::require(!hierarchy.mount_point.empty());
  }
  return 0;
}
