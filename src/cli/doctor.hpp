#pragma once

#include <span>

namespace mydocker::cli {

// `MyDocker doctor [--json]`: what this host offers and lacks, on standard output. The status is 1
// if no container can start. Throws UsageError.
[[nodiscard]] int run_doctor(std::span<const char* const> words);

}  // namespace mydocker::cli
