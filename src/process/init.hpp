// --init: a small PID 1 that stays, so that the entrypoint is an ordinary process.
#pragma once

#include "runtime/shared_page.hpp"

namespace mydocker::process {

// Forks. Returns in the new process, which goes on to execute the entrypoint; PID 1 itself never returns: it
// forwards signals to the entrypoint, reaps whatever is left to it, and ends as the entrypoint ended, with
// the wait status in `page`. Not dumpable, so that nothing inside can look into it. See pid_namespaces(7).
void become_init(SharedPage& page);

}  // namespace mydocker::process
