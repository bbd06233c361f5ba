// What `MyDocker image list` and `inspect` print.
#pragma once

#include <string>
#include <vector>

#include "image/store.hpp"

namespace mydocker::image {

// A line an image: its name, the first digits of its id, how many layers. Each further name has a
// line of its own.
[[nodiscard]] std::string list_text(const std::vector<Image>& images);
[[nodiscard]] std::string list_json(const std::vector<Image>& images);

// Names, layers, where they lie, and the configuration as the image brought it.
[[nodiscard]] std::string inspect_json(const Store& store, const Image& image);

}  // namespace mydocker::image
