// Kernel idea   the clocks that count from the boot have offsets, and those are a namespace's.
// We ask        unshare in the child, the offsets, then setns: who unshares stays in the old one.
// Order         before the ids change: then /proc/self is no longer the child's to write to.
// If it fails   EPERM: CAP_SYS_TIME is missing. ERANGE: a clock would be negative.
// Man page      time_namespaces(7)
#include "namespaces/time/time_stage.hpp"

#include <linux/sched.h>

namespace mydocker::time_namespace {
namespace {

constexpr const char* kForChildren = "/proc/self/ns/time_for_children";

std::string text_of(const std::vector<TimeOffset>& offsets) {
  std::string out;
  for (const auto& [clock, seconds, nanoseconds] : offsets)
    out += clock + " " + std::to_string(seconds) + " " + std::to_string(nanoseconds) + "\n";
  return out;
}

}  // namespace

StagePlan plan(const ContainerSpec& spec, const HostFacts&) {
  const NamespaceUse& use = spec.namespaces.time;
  if (use.is_inherited()) return {};
  StagePlan out;
  if (use.is_joined()) {
    constexpr std::string_view kWhy = "clocks that others have already";
    out.prepare.push_back({OpenNamespace{CLONE_NEWTIME, use.path}, kWhy, {}, {}});
    out.enter.push_back({JoinNamespaces{CLONE_NEWTIME}, kWhy, {}, {}});
    return out;
  }
  const auto add = [&](Action action, std::string_view why) {
    out.enter.push_back({std::move(action), why, {}, {}});
  };
  add(Unshare{CLONE_NEWTIME}, "not by clone3: whoever is in it can set no offsets any more");
  if (!spec.time_offsets.empty()) {
    add(WriteFile{"/proc/self/timens_offsets", text_of(spec.time_offsets)},
        "asked for; possible until the first process is in it");
  }
  add(OpenNamespace{CLONE_NEWTIME, kForChildren}, "unshare made it for children alone");
  add(JoinNamespaces{CLONE_NEWTIME}, "so the entrypoint is in it, on any kernel");
  return out;
}

}  // namespace mydocker::time_namespace
