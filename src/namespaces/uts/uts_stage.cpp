// Kernel idea   the names that uname(2) gives are a namespace's, not the machine's.
// We ask        CLONE_NEWUTS, then sethostname in the child.
// Order         anywhere while CAP_SYS_ADMIN is there.
// If it fails   EINVAL: a hostname has at most 64 bytes.
// Man page      uts_namespaces(7)
#include "namespaces/uts/uts_stage.hpp"

#include <linux/sched.h>

namespace mydocker::uts {

StagePlan plan(const ContainerSpec& spec, const HostFacts&) {
  StagePlan out;
  const NamespaceUse& use = spec.namespaces.uts;
  if (use.is_joined()) {
    constexpr std::string_view kWhy = "names that are there already, shared with others";
    out.prepare.push_back({OpenNamespace{CLONE_NEWUTS, use.path}, kWhy, {}, {}});
    out.enter.push_back({JoinNamespaces{CLONE_NEWUTS}, kWhy, {}, {}});
  }
  if (use.is_new()) out.clone_flags = CLONE_NEWUTS;
  if (!spec.hostname.empty()) {
    out.enter.push_back({SetHostname{spec.hostname},
                         "seen by uname and the shell's prompt; the host's stays",
                         {},
                         {}});
  }
  if (!spec.domainname.empty()) {
    out.enter.push_back(
        {SetDomainname{spec.domainname}, "asked for; see setdomainname(2)", {}, {}});
  }
  return out;
}

}  // namespace mydocker::uts
