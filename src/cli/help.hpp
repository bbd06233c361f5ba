// The text of -h: options in groups, and all verbs.
#pragma once

#include <string>

namespace mydocker::cli {

[[nodiscard]] std::string help_text();

}  // namespace mydocker::cli
