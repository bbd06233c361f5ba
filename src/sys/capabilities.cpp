#include "sys/capabilities.hpp"

#include <sys/capability.h>
#include <sys/prctl.h>

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

void drop_bounding(const std::vector<int>& capabilities) {
  for (const int capability : capabilities) check(::cap_drop_bound(capability), "prctl");
}

void set_capabilities(const std::vector<int>& kept) {
  // Not cap_reset_ambient(): that asks for each capability first, 42 requests where one does.
  check(::prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0), "prctl");
  const Capabilities wanted(::cap_init());  // all three flags clear
  if (!wanted) fail(errno, "cap_init");
  for (const cap_value_t capability : kept) {
    check(::cap_set_flag(wanted.get(), CAP_PERMITTED, 1, &capability, CAP_SET), "cap_set_flag");
    check(::cap_set_flag(wanted.get(), CAP_EFFECTIVE, 1, &capability, CAP_SET), "cap_set_flag");
  }
  check(::cap_set_proc(wanted.get()), "capset");
}

}  // namespace mydocker::sys
