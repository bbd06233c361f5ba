// How our own lists are written: rules of a profile, in few words.
#pragma once

#include <cerrno>
#include <cstdint>
#include <limits>
#include <string_view>
#include <utility>
#include <vector>

#include "mydocker/seccomp_profile.hpp"

namespace mydocker::seccomp {

// The argument `index`, as the kernel reads an int or unsigned: its lower half alone. Who compared
// all 64 bits could be passed by one bit above.
constexpr SeccompArgument is(unsigned index, std::uint32_t value) {
  return {index, std::numeric_limits<std::uint32_t>::max(), value, SeccompOperator::masked_eq};
}

// It has all of these bits; it has none of them.
constexpr SeccompArgument has(unsigned index, std::uint32_t bits) {
  return {index, bits, bits, SeccompOperator::masked_eq};
}
constexpr SeccompArgument lacks(unsigned index, std::uint32_t bits) {
  return {index, bits, 0, SeccompOperator::masked_eq};
}

inline SeccompRule allow(std::string_view call, std::vector<SeccompArgument> when = {}) {
  return {{std::string(call)}, SeccompAction::allow, {}, std::move(when)};
}
inline SeccompRule refuse(std::string_view call, std::vector<SeccompArgument> when = {},
                          unsigned error = EPERM) {
  return {{std::string(call)}, SeccompAction::error, error, std::move(when)};
}

// Refuses every call that makes a file with a set-user-ID or set-group-ID bit, or that could.
[[nodiscard]] std::vector<SeccompRule> set_id_rules();

// The original's list, with the ways round it closed: all calls are allowed but these.
[[nodiscard]] SeccompProfile original_profile();

}  // namespace mydocker::seccomp
