// A plan as text and as JSON: for --dry-run, and for --explain beside what runs.
#pragma once

#include <string>

#include "mydocker/plan.hpp"

namespace mydocker {

enum class Place { host, child };

// "child  mount         mount proc at /proc (nosuid,nodev,noexec)" and, with `reasons`, indented
// below it the reason and the system calls. Ends in a newline.
[[nodiscard]] std::string step_text(const Step& step, Place place, bool reasons);

// One JSON object, without a newline.
[[nodiscard]] std::string step_json(const Step& step, Place place);

// The line for clone3, which is no step: the runtime makes it between `prepare` and `attach`.
[[nodiscard]] std::string clone_text(const Plan& plan, bool reasons);
[[nodiscard]] std::string clone_json(const Plan& plan);

// The whole plan in order.
[[nodiscard]] std::string plan_text(const Plan& plan, bool reasons);
[[nodiscard]] std::string plan_json(const Plan& plan);

}  // namespace mydocker
