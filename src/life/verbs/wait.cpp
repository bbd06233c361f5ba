// wait: until a container has ended; prints its exit status.
#include "helpers/text.hpp"
#include "life/ending.hpp"
#include "life/verbs.hpp"
#include "mydocker/error.hpp"

namespace mydocker::life {
namespace {

void wait_for(const Call& call, const std::string& id) {
  const Container container = find(call.places, id);
  (void)await_end(call.places, container, std::nullopt);
  const auto end = container.kept ? container.kept->end() : std::nullopt;
  if (!end)
    throw UsageError("wait " + text::quoted(id) +
                     ": it has ended; its status is known to who started it, and not kept: that is "
                     "what -d does");
  print(std::to_string(end->status) + "\n");
}

int run(const Call& call) { return for_each(call, wait_for); }

}  // namespace

const Verb wait_verb{"wait",  "Waits until containers have ended, and prints their exit statuses.",
                     {},      oci::Rest::flags_too,
                     1,       kAny,
                     "ID...", run};

}  // namespace mydocker::life
