// What must hold for the order of any plan, whoever adds a stage.
#pragma once

#include <string>
#include <vector>

#include "mydocker/plan.hpp"

namespace mydocker {

// The rules that `plan` breaks, a sentence each; empty when it is sound.
[[nodiscard]] std::vector<std::string> broken_rules(const Plan& plan);

// Throws std::logic_error with the broken rules, if any.
void check_rules(const Plan& plan);

}  // namespace mydocker
