// MyDocker inspect ID: what a container that runs is, as JSON; with --check, whether the plugins of
// its CNI network find it as they made it.
#pragma once

#include <span>

namespace mydocker::cli {

// `words` are those behind "inspect". The exit status. Throws UsageError, SetupError.
[[nodiscard]] int run_inspect(std::span<const char* const> words);

}  // namespace mydocker::cli
