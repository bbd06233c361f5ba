#pragma once

#include "cli/to_spec.hpp"

namespace mydocker::cli {

// Reads this process's own surroundings: variables, terminal, where its root_fs is.
[[nodiscard]] Surroundings surroundings();

}  // namespace mydocker::cli
