#include <linux/sched.h>

#include "seccomp/rules.hpp"

namespace mydocker::seccomp {

SeccompProfile original_profile() {
  SeccompProfile out;
  out.default_action = SeccompAction::allow;
  out.rules = set_id_rules();
  const std::vector<SeccompRule> others{
      // Its flags lie in memory, where a filter cannot look; libraries fall back to clone.
      refuse("clone3", {}, ENOSYS),
      // A new user namespace gives every capability back, over itself.
      refuse("unshare", {has(0, CLONE_NEWUSER)}),
      refuse("clone", {has(0, CLONE_NEWUSER)}),
      // A ring's requests open files without passing this filter.
      refuse("io_uring_setup"),
      // Keyrings are not separated by namespaces.
      refuse("keyctl"),
      refuse("add_key"),
      refuse("request_key"),
      // Tracing reads and writes another process.
      refuse("ptrace"),
  };
  out.rules.insert(out.rules.end(), others.begin(), others.end());
  return out;
}

}  // namespace mydocker::seccomp
