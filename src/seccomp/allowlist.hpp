// The default filter: ordinary calls are allowed, dangerous ones refused, and all others answered
// as if the kernel did not have them. Two tables, one line a call.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

#include "mydocker/seccomp_profile.hpp"

namespace mydocker::seccomp {

struct AllowedCall {
  std::string_view name, why;
};

struct RefusedCall {
  std::string_view name;
  int error = 0;  // EPERM; ENOSYS where libraries then fall back to an older call
  std::string_view why;
  std::uint64_t lifted_by = 0;  // one of these capabilities allows it; bit n is capability n
};

// allowed_files.cpp, allowed_processes.cpp, refused_calls.cpp. No call is in two of them.
[[nodiscard]] std::span<const AllowedCall> allowed_files();
[[nodiscard]] std::span<const AllowedCall> allowed_processes();
[[nodiscard]] std::span<const RefusedCall> refused_calls();

// The calls whose answer depends on their arguments: allowlist.cpp.
[[nodiscard]] std::span<const std::string_view> conditional_calls();

struct Freedoms {
  std::uint64_t capabilities = 0;  // of the bounding set; bit n is capability n
  bool abi32 = false;              // 32-bit programs
  bool set_ids = true;             // modes with a set-user-ID or set-group-ID bit
  bool operator==(const Freedoms&) const = default;
};

// What a default container has: no capability of its bounding set lifts any refusal.
inline constexpr Freedoms kDefaultFreedoms{};

[[nodiscard]] SeccompProfile allowlist_profile(const Freedoms& freedoms);

// Those of `capabilities` that lift a refusal: the others make no difference to the filter.
[[nodiscard]] std::uint64_t lifting(std::uint64_t capabilities);

}  // namespace mydocker::seccomp
