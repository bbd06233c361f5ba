#pragma once

#include <string>

namespace mydocker::cli {

// A line about an image on standard error.
void say_of_image(const std::string& line);

}  // namespace mydocker::cli
