// rm: removes what is left of a container that has ended; with -f of any.
#include <csignal>

#include "helpers/text.hpp"
#include "life/ending.hpp"
#include "life/verbs.hpp"
#include "mydocker/error.hpp"
#include "runtime/records.hpp"

namespace mydocker::life {
namespace {

constexpr oci::Flag kFlags[] = {{"force", 'f', false, "kill it first, if it runs"}};

void remove_oci(const Call& call, const std::string& id) {
  if (call.arguments.is_on("force")) return have_oci_do(call, {"delete", "--force", id});
  have_oci_do(call, {"delete", id});
}

void remove_one(const Call& call, const std::string& id) {
  const Container container = find_begun(call.places, id);
  if (container.kind == Kind::oci) return remove_oci(call, id);
  if (container.status != Status::ended && !call.arguments.is_on("force"))
    throw UsageError("rm " + text::quoted(id) + ": it is " +
                     std::string(name_of(container.status)) +
                     ": 'MyDocker stop' it first, or say -f");
  stop(call.places, container, SIGKILL, std::chrono::milliseconds(0));
  if (container.kept) {
    container.kept->await_orphan();
    container.kept->remove();
  }
  // Of one whose supervisor was killed there may be more.
  if (container.end && container.end->reason == kLost) sweep(call.places.records, "");
  print(id + "\n");
}

int run(const Call& call) { return for_each(call, remove_one); }

}  // namespace

const Verb rm_verb{"rm",    "Removes what is left of containers that have ended.",
                   kFlags,  oci::Rest::flags_too,
                   1,       kAny,
                   "ID...", run};

const Verb delete_verb{"delete", "Removes what is left of containers that have ended.",
                       kFlags,   oci::Rest::flags_too,
                       1,        kAny,
                       "ID...",  run};

}  // namespace mydocker::life
