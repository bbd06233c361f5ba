// THE LIST. The order is the design: read it from top to bottom and you know how a container is
// made.
// A new stage is a folder with its plan function, and one line here.
#include "capabilities/capabilities_stage.hpp"
#include "landlock/landlock_stage.hpp"
#include "mydocker/plan.hpp"
#include "namespaces/cgroup/cgroup_stage.hpp"
#include "namespaces/ipc/ipc_stage.hpp"
#include "namespaces/mount/mount_stage.hpp"
#include "namespaces/network/network_stage.hpp"
#include "namespaces/pid/pid_stage.hpp"
#include "namespaces/time/time_stage.hpp"
#include "namespaces/user/user_stage.hpp"
#include "namespaces/uts/uts_stage.hpp"
#include "ownership/ownership_stage.hpp"
#include "process/process_stages.hpp"
#include "resctrl/resctrl_stage.hpp"
#include "seccomp/seccomp_stage.hpp"
#include "sysctl/sysctl_stage.hpp"

namespace mydocker {
namespace {

constexpr Stage kStages[] = {
    ownership::stage,  // a locked record first: whatever is made below, somebody can clean up
    cgroup::stage,     // v2: born inside its limits; v1: moved in by the child's first step, while
                       // it still has the host's ids
    resctrl::stage,    // its group before the child runs anything
    time_namespace::stage,  // its offsets are written by who owns /proc/self: before the ids change
    user::stage,            // ids next: every later check is made against them
    network::stage,         // an own network, so that nothing below can reach the host's
    uts::stage,
    ipc::stage,
    pid::stage,
    sysctl::stage,    // while /proc/sys can be written
    mount::stage,     // after this line no host path is reachable any more
    process::limits,  // keyring, signals, session and terminal, working directory: still privileged
    capabilities::stage,   // after this line nothing privileged may appear
    process::gate,         // the entrypoint is found; the child is ready, already stripped
    landlock::stage,       // a sealed process cannot mount, so the seal stands behind every mount
    process::descriptors,  // only the standard three outlive exec
    seccomp::stage,  // last before exec, so that the filter need not allow the set-up's own calls
    process::exec,
};

}  // namespace

std::span<const Stage> stages() { return kStages; }

}  // namespace mydocker
