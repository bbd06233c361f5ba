#pragma once

#include <vector>

#include "doctor/finding.hpp"

namespace mydocker::doctor {

// All findings on this host; `root_fs` is the default root file system.
[[nodiscard]] std::vector<Finding> examine(const std::string& root_fs);

}  // namespace mydocker::doctor
