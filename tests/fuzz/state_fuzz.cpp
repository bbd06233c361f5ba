// state.json, which whoever may write to the folder of states may have changed.
#include <algorithm>

#include "fuzz/fuzz.hpp"
#include "mydocker/error.hpp"
#include "oci/state_json.hpp"
#include "oci/verbs.hpp"

using namespace mydocker;

int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  try {
    const oci::State state = oci::state_from_json(fuzz::text_of(bytes, size));
    fuzz::require(oci::state_from_json(oci::to_json(state)) == state);
    fuzz::require_harmless(oci::spec_state_json(state, "running", 1));
    fuzz::require_harmless(oci::runtime_state_json(state, "running", 1, false));
    for (const auto& cgroup : state.cgroups) {
      const std::string folder = cgroup.folder() + "/";
      fuzz::require(folder.starts_with('/') && folder.find("/../") == std::string::npos);
      fuzz::require(cgroup.path.find_first_not_of("/.") != std::string::npos);
    }
  } catch (const oci::Failure& error) {
    fuzz::require(error.what()[0] != '\0');
  }
  return 0;
}
