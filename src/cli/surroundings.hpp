#pragma once

#include "cli/to_spec.hpp"

namespace mydocker::cli {

// Reads this process's own surroundings: variables, terminal, where its root_fs is.
[[nodiscard]] Surroundings surroundings();

// A warning if other users of the host can enter the folder `root`, else empty: a container can
// leave set-user-ID files in it.
[[nodiscard]] std::string warning_about(const std::string& root);

}  // namespace mydocker::cli
