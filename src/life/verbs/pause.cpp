// pause, unpause: all processes of a container stopped, and started again.
#include "helpers/text.hpp"
#include "life/freezing.hpp"
#include "life/verbs.hpp"
#include "mydocker/error.hpp"

namespace mydocker::life {
namespace {

void require(const Container& container, Status wanted, const char* verb) {
  if (container.status != wanted)
    throw UsageError(std::string(verb) + " " + text::quoted(container.id) + ": it is " +
                     std::string(name_of(container.status)));
}

void pause_one(const Call& call, const std::string& id) {
  const Container container = find(call.places, id);
  if (container.kind == Kind::oci) return have_oci_do(call, {"pause", id});
  require(container, Status::running, "pause");
  freeze(container);
}

void unpause_one(const Call& call, const std::string& id) {
  const Container container = find(call.places, id);
  if (container.kind == Kind::oci) return have_oci_do(call, {"resume", id});
  require(container, Status::paused, "unpause");
  thaw(container);
}

int pause(const Call& call) { return for_each(call, pause_one); }
int unpause(const Call& call) { return for_each(call, unpause_one); }

}  // namespace

const Verb pause_verb{
    "pause", "Stops all processes of containers.", {}, oci::Rest::flags_too, 1, kAny, "ID...",
    pause};
const Verb unpause_verb{"unpause", "Lets all processes of paused containers go on.",
                        {},        oci::Rest::flags_too,
                        1,         kAny,
                        "ID...",   unpause};

const Verb resume_verb{"resume", "Lets all processes of paused containers go on.",
                       {},       oci::Rest::flags_too,
                       1,        kAny,
                       "ID...",  unpause};

}  // namespace mydocker::life
