#include "sys/capabilities.hpp"

#include <sys/auxv.h>
#include <sys/capability.h>
#include <sys/prctl.h>
#include <unistd.h>

#include <memory>

#include "sys/check.hpp"

namespace mydocker::sys {
namespace {

struct Free {
  void operator()(cap_t caps) const noexcept { ::cap_free(caps); }
};
using Capabilities = std::unique_ptr<std::remove_pointer_t<cap_t>, Free>;

}  // namespace

int last_capability() { return static_cast<int>(::cap_max_bits()) - 1; }

bool has_capability(int capability) {
  const Capabilities mine(::cap_get_proc());
  cap_flag_value_t value = CAP_CLEAR;
  return mine && ::cap_get_flag(mine.get(), capability, CAP_EFFECTIVE, &value) == 0 &&
         value == CAP_SET;
}

bool has_power_of_file() {
  // Asked first, since it costs no call. A security module can set it too, for ordinary programs.
  if (::getauxval(AT_SECURE) == 0 || ::getuid() == 0) return false;
  return ::getuid() != ::geteuid() || ::getgid() != ::getegid() ||
         !permitted_capabilities().empty();
}

void drop_bounding(const std::vector<int>& capabilities) {
  for (const int capability : capabilities) check(::cap_drop_bound(capability), "prctl");
}

std::vector<int> permitted_capabilities() {
  const Capabilities mine(::cap_get_proc());
  std::vector<int> out;
  for (int capability = 0; mine && capability <= last_capability(); ++capability) {
    cap_flag_value_t value = CAP_CLEAR;
    if (::cap_get_flag(mine.get(), capability, CAP_PERMITTED, &value) == 0 && value == CAP_SET)
      out.push_back(capability);
  }
  return out;
}

void set_capabilities(const CapabilitySets& sets, const std::vector<int>& until_exec) {
  // Not cap_reset_ambient(): that asks for each capability first, 42 requests where one does.
  check(::prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0), "prctl");
  const Capabilities wanted(::cap_init());  // all three flags clear
  if (!wanted) fail(errno, "cap_init");
  const auto set = [&](cap_flag_t flag, const std::vector<int>& capabilities) {
    for (const cap_value_t capability : capabilities)
      check(::cap_set_flag(wanted.get(), flag, 1, &capability, CAP_SET), "cap_set_flag");
  };
  set(CAP_PERMITTED, sets.permitted);
  set(CAP_EFFECTIVE, sets.effective);
  set(CAP_INHERITABLE, sets.inheritable);
  set(CAP_PERMITTED, until_exec);
  set(CAP_EFFECTIVE, until_exec);
  check(::cap_set_proc(wanted.get()), "capset");
  for (const int capability : sets.ambient)
    check(::prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE, capability, 0, 0), "prctl");
}

}  // namespace mydocker::sys
