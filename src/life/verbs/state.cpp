// state: what the OCI verb of that name says, of a container of the classic command line.
#include "helpers/times.hpp"
#include "life/verbs.hpp"
#include "oci/config/features.hpp"
#include "oci/state_json.hpp"

namespace mydocker::life {
namespace {

// In the words of the OCI runtime specification.
std::string_view status_of(const Container& container) {
  return container.status == Status::ended ? "stopped" : name_of(container.status);
}

int state(const Call& call) {
  const Container container = find(call.places, call.ids().front());
  oci::State out;
  out.oci_version = oci::kNewestVersion;
  out.id = container.id;
  out.created = times::text(container.created);
  if (container.about) out.bundle = out.rootfs = container.about->root;
  print(oci::runtime_state_json(out, status_of(container), container.pid, true) + "\n");
  return 0;
}

}  // namespace

const Verb state_verb{
    "state", "Says the state of a container, as JSON.", {}, oci::Rest::flags_too, 1, 1, "ID",
    state};

}  // namespace mydocker::life
