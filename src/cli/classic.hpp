// The classic command line: one container, from its options to its exit status.
#pragma once

#include <span>

namespace mydocker::cli {

// Gives the exit status of the contract. Throws UsageError and SetupError.
[[nodiscard]] int run_classic(std::span<const char* const> words);

}  // namespace mydocker::cli
