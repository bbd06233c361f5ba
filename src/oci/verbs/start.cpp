// start: opens the gate that `create` closed, from another process.
#include "helpers/text.hpp"
#include "mydocker/error.hpp"
#include "oci/launch.hpp"
#include "oci/lifecycle.hpp"
#include "oci/seccomp_listener.hpp"
#include "runtime/starting.hpp"

namespace mydocker::oci {
namespace {

void require_created(const std::string& id, Status status) {
  if (status == Status::created) return;
  if (status == Status::stopped)
    throw Failure("cannot start a container that has stopped: " + text::quoted(id));
  if (status == Status::creating)
    throw Failure("cannot start a container that is still being created: " + text::quoted(id));
  throw Failure("cannot start an already running container: " + text::quoted(id));
}

// From the connection to the entrypoint's exec.
void open_gate(const Container& container, const LoadedConfig& config, const State& state,
               pid_t pid) {
  HostEnd channel(container.connect_to_start());
  auto message = channel.receive();
  auto* const memory = std::get_if<HostEnd::Page>(&message);
  if (memory == nullptr)
    throw SetupError("oci", "start the container: it ended before it was started", 0, "");
  SharedPage* const page = SharedPage::map(memory->memory.get());
  channel.send_start();
  await_exec(channel, *page, pid, "execute the entrypoint",
             listener_of(config.spec.seccomp, state));
}

int start(const Surroundings& around, const Arguments& arguments) {
  const Container container = Store(around.global.root).open(arguments.words.front());
  const UniqueFd lock = container.lock();
  require_created(arguments.words.front(), container.status());
  const State state = container.read_state();
  const LoadedConfig config = stored_config(container, state);
  if (!config.has_process)
    throw Failure("process: is missing in config.json, so there is nothing to start");
  const auto init = container.init();
  try {
    open_gate(container, config, state, init->pid);
    container.forget_start();
    run_hooks(config.spec.hooks.poststart, "poststart", state, "running", init->pid);
  } catch (const SetupError&) {
    container.forget_start();
    kill_container(container, state);
    throw;
  }
  return 0;
}

}  // namespace

const Verb start_verb{
    "start", "Starts the entrypoint of a created container.", {}, Rest::flags_too, 1, 1, "ID",
    start};

}  // namespace mydocker::oci
