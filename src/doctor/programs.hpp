// Programs of the host's that MyDocker asks for help: what each is for, and its package.
#pragma once

#include <vector>

#include "doctor/finding.hpp"

namespace mydocker::doctor {

// A finding for each of them.
[[nodiscard]] std::vector<Finding> find_programs();

}  // namespace mydocker::doctor
