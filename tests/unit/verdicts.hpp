// Asks a filter for its verdict on one call.
#pragma once

#include <linux/audit.h>

#include <algorithm>
#include <cerrno>
#include <vector>

#include "support/bpf_evaluator.hpp"

namespace mydocker::test {

using Filter = std::vector<sock_filter>;

inline constexpr Verdict kAllowed{SECCOMP_RET_ALLOW, 0}, kKilled{SECCOMP_RET_KILL_PROCESS, 0};
inline constexpr Verdict kRefused{SECCOMP_RET_ERRNO, EPERM}, kMissing{SECCOMP_RET_ERRNO, ENOSYS};

inline Verdict verdict(const Filter& filter, int call, std::vector<std::uint64_t> arguments = {},
                       std::uint32_t architecture = AUDIT_ARCH_X86_64) {
  seccomp_data data{call, architecture, 0, {}};
  std::copy(arguments.begin(), arguments.end(), data.args);
  return evaluate(filter, data);
}

}  // namespace mydocker::test
