// state: what the runtime knows of a container, as JSON.
#include <unistd.h>

#include "oci/state_json.hpp"
#include "oci/verbs.hpp"
#include "sys/files.hpp"

namespace mydocker::oci {
namespace {

int state(const Surroundings& around, const Arguments& arguments) {
  const Container container = Store(around.global.root).open(arguments.words.front());
  const Status status = container.status();
  const auto init = container.init();
  const pid_t pid = status == Status::stopped || !init ? 0 : init->pid;
  sys::write_all(STDOUT_FILENO,
                 runtime_state_json(container.read_state(), name_of(status), pid, true) + "\n");
  return 0;
}

}  // namespace

const Verb state_verb{"state", "Prints the state of a container.", {}, Rest::flags_too, 1, 1, "ID",
                      state};

}  // namespace mydocker::oci
