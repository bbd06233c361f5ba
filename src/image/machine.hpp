#pragma once

#include <string>

namespace mydocker::image {

// This machine, in Go's words: "amd64".
[[nodiscard]] std::string architecture();

}  // namespace mydocker::image
