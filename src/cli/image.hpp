#pragma once

#include <string>

#include "image/load.hpp"

namespace mydocker::cli {

// Tells on standard error what was left out of an image and, at a terminal, how far its layers are.
[[nodiscard]] image::Listener listener_of_images(const std::string& image);

}  // namespace mydocker::cli
