#pragma once

#include <span>
#include <string>

namespace mydocker::cli {

// `MyDocker image load|list|remove|inspect`: what is in the store. Throws UsageError and SetupError.
[[nodiscard]] int run_image(std::span<const char* const> words);

// A line about an image on standard error.
void say_of_image(const std::string& line);

}  // namespace mydocker::cli
