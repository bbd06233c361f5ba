// pause and resume: the freezer of the container's cgroups.
#include "helpers/text.hpp"
#include "oci/lifecycle.hpp"
#include "oci/verbs.hpp"

namespace mydocker::oci {
namespace {

void require(const Container& container, const std::string& id, Status wanted) {
  const Status status = container.status();
  if (status == wanted || (wanted == Status::running && status == Status::created)) return;
  throw Failure(
      "container " + text::quoted(id) + " is not " + std::string(name_of(wanted)) + ": " +
      (status == Status::stopped ? "container not running" : std::string(name_of(status))));
}

int pause(const Surroundings& around, const Arguments& arguments) {
  const Container container = Store(around.global.root).open(arguments.words.front());
  const UniqueFd lock = container.lock();
  require(container, arguments.words.front(), Status::running);
  const State state = container.read_state();
  if (state.cgroups.empty()) throw Failure("the container has no cgroup, so it cannot be frozen");
  freeze(state);
  return 0;
}

int resume(const Surroundings& around, const Arguments& arguments) {
  const Container container = Store(around.global.root).open(arguments.words.front());
  const UniqueFd lock = container.lock();
  require(container, arguments.words.front(), Status::paused);
  thaw(container.read_state());
  return 0;
}

}  // namespace

const Verb pause_verb{
    "pause", "Stops all processes of a container.", {}, Rest::flags_too, 1, 1, "ID", pause};
const Verb resume_verb{
    "resume", "Lets all processes of a paused container go on.", {}, Rest::flags_too, 1, 1, "ID",
    resume};

}  // namespace mydocker::oci
