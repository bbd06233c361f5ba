// What the kernel hands to a new program: its words and its environment.
#pragma once

#include <string_view>

namespace mydocker::verify {

// Whether the environment has a variable of that name.
[[nodiscard]] bool has_variable(std::string_view name);

// The probe's main; gives its exit status.
int run(int count, const char* const* words);

}  // namespace mydocker::verify
