// The original's denylist as a table: all calls are allowed but these. Shared by the generator,
// which compiles it by libseccomp when MyDocker is built, and by the tests.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

namespace mydocker::seccomp {

// An argument, counted from 0, that holds all the bits of `bits`.
struct HasBits {
  unsigned argument = 0;
  std::uint64_t bits = 0;
};

// One refusal: the call, when all of its conditions hold, answers `error`.
struct Denied {
  std::string_view name;
  int number = -1;            // given where libseccomp is older than the call
  std::vector<HasBits> when;  // empty: always
  int error = 0;
  std::string_view why;
};

// In the order of the lesson. See src/seccomp/README.md.
[[nodiscard]] std::span<const Denied> original_denylist();

}  // namespace mydocker::seccomp
