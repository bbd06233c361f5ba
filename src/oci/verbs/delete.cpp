// delete: removes what is left of a container; with --force whatever state it is in.
#include <unistd.h>

#include "helpers/text.hpp"
#include "oci/launch.hpp"
#include "oci/lifecycle.hpp"

namespace mydocker::oci {
namespace {

constexpr Flag kFlags[] = {{"force", 'f', false, "kill it if it runs; an unknown id is no error"}};

int remove(const Surroundings& around, const Arguments& arguments) {
  const std::string& id = arguments.words.front();
  const bool is_forced = arguments.is_on("force");
  const Store store(around.global.root);
  const auto container = is_forced ? store.try_open(id) : store.open(id);
  if (!container) return 0;
  const UniqueFd lock = container->lock();
  const Status status = container->status();
  if (!is_forced && (status == Status::running || status == Status::paused)) {
    throw Failure("cannot delete container " + text::quoted(id) +
                  " that is not stopped: " + std::string(name_of(status)));
  }
  const State state = container->read_state();
  kill_container(*container, state);
  remove_cgroups(state);
  remove_folders(state);
  run_poststop(stored_poststop(*container, state), state, around.log);
  container->remove();
  return 0;
}

}  // namespace

const Verb delete_verb{
    "delete", "Removes a stopped container.", kFlags, Rest::flags_too, 1, 1, "ID", remove};

}  // namespace mydocker::oci
