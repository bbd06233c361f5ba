// checkpoint and restore: refused, in words that say so.
#include "oci/verbs.hpp"

namespace mydocker::oci {
namespace {

int refuse(const Surroundings&, const Arguments&) {
  throw Failure("checkpoint and restore are not supported: MyDocker does not drive criu yet");
}

}  // namespace

const Verb checkpoint_verb{"checkpoint", "Not supported yet.", {}, Rest::words, 0, 100, "ID",
                           refuse};
const Verb restore_verb{"restore", "Not supported yet.", {}, Rest::words, 0, 100, "ID", refuse};

}  // namespace mydocker::oci
