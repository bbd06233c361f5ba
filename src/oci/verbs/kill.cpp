// kill: a signal for the container's first process, or for all of them.
#include <csignal>

#include "helpers/names.hpp"
#include "helpers/text.hpp"
#include "mydocker/error.hpp"
#include "oci/lifecycle.hpp"
#include "oci/verbs.hpp"
#include "sys/processes.hpp"

namespace mydocker::oci {
namespace {

constexpr Flag kFlags[] = {{"all", 'a', false, "all processes of the container's cgroup"}};

int kill(const Surroundings& around, const Arguments& arguments) {
  const Container container = Store(around.global.root).open(arguments.words.front());
  const std::string word = arguments.words.size() > 1 ? arguments.words[1] : "TERM";
  const auto signal = names::parse_signal(word);
  if (!signal) throw UsageError("unknown signal " + text::quoted(word));
  const State state = container.read_state();
  const UniqueFd init = container.open_init();
  if (arguments.is_on("all")) {
    const bool sent = signal_all(state, *signal);
    if (!sent && !init) throw Failure("container not running");
    return 0;
  }
  if (!init || !sys::send_signal(init.get(), *signal)) throw Failure("container not running");
  // A frozen process dies only once it is thawed.
  if (*signal == SIGKILL) thaw(state);
  return 0;
}

}  // namespace

const Verb kill_verb{"kill",
                     "Sends a signal to a container (TERM unless another is named).",
                     kFlags,
                     Rest::flags_too,
                     1,
                     2,
                     "ID [SIGNAL]",
                     kill};

}  // namespace mydocker::oci
