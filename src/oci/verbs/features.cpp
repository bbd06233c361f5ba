// features: what this runtime can do, as JSON; see the specification's "Features Structure".
#include <unistd.h>

#include "oci/config/features.hpp"
#include "oci/verbs.hpp"
#include "sys/files.hpp"

namespace mydocker::oci {
namespace {

int features(const Surroundings&, const Arguments&) {
  sys::write_all(STDOUT_FILENO, features_json());
  return 0;
}

}  // namespace

const Verb features_verb{
    "features", "Prints what this runtime can do.", {}, Rest::flags_too, 0, 0, "", features};

}  // namespace mydocker::oci
