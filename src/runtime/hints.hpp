// What to do about an error: one table, keyed by the request and the errno.
#pragma once

#include <string>

#include "mydocker/action.hpp"

namespace mydocker {

// Advice in one line, or empty.
[[nodiscard]] std::string hint_for(const Action& action, int error);

// The exit status that a failure of this request ends in.
[[nodiscard]] int status_for(const Action& action, int error);

}  // namespace mydocker
