// A seccomp profile in the words of the OCI runtime specification's `linux.seccomp`; docker's and
// podman's files are of the same kind. See seccomp(2).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace mydocker {

enum class SeccompAction { kill_process, kill_thread, trap, error, notify, trace, log, allow };

enum class SeccompOperator { ne, lt, le, eq, ge, gt, masked_eq };

// A condition on one argument: all 64 bits of it, or 32 where pointers have 32 (x32 too).
struct SeccompArgument {
  unsigned index = 0;  // 0 to 5
  std::uint64_t value = 0;
  std::uint64_t value_two = 0;  // masked_eq: (argument & value) == (value_two & value)
  SeccompOperator op = SeccompOperator::eq;
  bool operator==(const SeccompArgument&) const = default;
};

struct SeccompRule {
  std::vector<std::string> names;
  SeccompAction action = SeccompAction::error;
  std::optional<unsigned> error;  // for `error` and `trace`; none: EPERM
  // All must hold; but if any argument is named twice, one of all is enough, as in runc and crun.
  std::vector<SeccompArgument> arguments;
  bool operator==(const SeccompRule&) const = default;
};

struct SeccompProfile {
  SeccompAction default_action = SeccompAction::error;
  std::optional<unsigned> default_error;   // none: EPERM
  std::vector<std::string> architectures;  // "SCMP_ARCH_X86_64"; empty: the native one
  std::vector<std::string> flags;          // "SECCOMP_FILTER_FLAG_LOG"
  std::string listener_path, listener_metadata;
  std::vector<SeccompRule> rules;
  bool operator==(const SeccompProfile&) const = default;
};

}  // namespace mydocker
