// The system calls' names and numbers. The rows are made when MyDocker is built, by
// generate_calls.cpp.
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <string_view>

#include "seccomp/architectures.hpp"

namespace mydocker::seccomp {

inline constexpr std::int32_t kNoNumber = -1;

// One name, and its number in each of kArchitectures: kNoNumber where there is no such call. A
// number of x32 contains kX32Bit.
struct Call {
  std::string_view name;
  std::array<std::int32_t, kArchitectures.size()> numbers{};
};

// Sorted by name.
[[nodiscard]] std::span<const Call> calls();

// The row of `name`; nullptr for a name that nobody knows.
[[nodiscard]] const Call* try_find_call(std::string_view name);

}  // namespace mydocker::seccomp
