// The words for what a container has written: `diff`, `commit`, `export`.
#pragma once

#include <optional>
#include <span>

namespace mydocker::cli {

// Does what the first word says and gives the status; nothing if it is none of these. Throws
// UsageError and SetupError.
[[nodiscard]] std::optional<int> run_changes(std::span<const char* const> words);

}  // namespace mydocker::cli
