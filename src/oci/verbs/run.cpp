// run: create, start, wait and delete in one.
#include "oci/launch.hpp"

namespace mydocker::oci {
namespace {

constexpr Flag kFlags[] = {
    {"bundle", 'b', true, "DIR: with config.json (default: this folder)"},
    {"detach", 'd', false, "end as soon as it runs; it goes on"},
    {"keep", 0, false, "do not delete it at its end"},
    kConsoleSocket,
    kPidFile,
    kPreserveFds,
    {"no-new-keyring", 0, false, "keep the caller's session keyring"},
    {"no-pivot", 0, false, "refused: a chroot can be left again"},
    {"no-subreaper", 0, false, "accepted: MyDocker is none"},
};

int run(const Surroundings& around, const Arguments& arguments) {
  Launch launch(around, arguments, Gate::open);
  launch.create();
  try {
    launch.await_exec();
    if (arguments.is_on("detach")) {
      launch.release();
      return 0;
    }
    const Outcome outcome = launch.runtime().wait({.signals_reach = true});
    if (arguments.is_on("keep"))
      launch.release();
    else
      launch.destroy();
    return outcome.status;
  } catch (const std::exception&) {
    launch.destroy();
    throw;
  }
}

}  // namespace

const Verb run_verb{"run",  "Makes a container, runs it, and deletes it at its end.",
                    kFlags, Rest::flags_too,
                    1,      1,
                    "ID",   run};

}  // namespace mydocker::oci
