// Texts of help: what is to be written on the left, what it means on the right.
#pragma once

#include <string>
#include <string_view>

namespace mydocker::columns {

// `left` and, from column `indent` on, `right`, broken at blanks so that no line is wider than
// `width`. A `left` that is too long has a line of its own. Ends in a newline.
[[nodiscard]] std::string row(std::string_view left, std::string_view right,
                              std::size_t indent = 28, std::size_t width = 80);

}  // namespace mydocker::columns
