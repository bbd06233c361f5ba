// The classic command line: one container, from its options to its exit status.
#pragma once

#include <span>

#include "cli/options.hpp"
#include "mydocker/spec.hpp"

namespace mydocker::cli {

// Gives the exit status of the contract. Throws UsageError and SetupError.
[[nodiscard]] int run_classic(std::span<const char* const> words);

// The same for a spec that was made of the options. `for_copy`: the words by which a sealed copy of
// MyDocker does the same. It does not know where it came from, so they name the root that was found
// beside this one. Throws UsageError and SetupError.
[[nodiscard]] int run_container(const Options& options, const ContainerSpec& spec,
                                std::span<const char* const> for_copy);

}  // namespace mydocker::cli
