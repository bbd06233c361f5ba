// create: everything up to the gate, then this process ends; the container waits for `start`.
#include "oci/launch.hpp"

namespace mydocker::oci {
namespace {

constexpr Flag kFlags[] = {
    {"bundle", 'b', true, "DIR: with config.json (default: this folder)"},
    kConsoleSocket,
    kPidFile,
    kPreserveFds,
    {"no-new-keyring", 0, false, "keep the caller's session keyring"},
    {"no-pivot", 0, false, "refused: a chroot can be left again"},
};

int create(const Surroundings& around, const Arguments& arguments) {
  Launch launch(around, arguments, Gate::closed);
  launch.create();
  launch.release();
  return 0;
}

}  // namespace

const Verb create_verb{
    "create", "Makes a container that waits for its start.", kFlags, Rest::flags_too, 1, 1, "ID",
    create};

}  // namespace mydocker::oci
