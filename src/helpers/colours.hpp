// Words in colour, for terminals.
#pragma once

#include <string>
#include <string_view>

namespace mydocker {

enum class Colour { red = 31, green = 32, yellow = 33 };

// `text` between the sequences of ECMA-48 that switch the colour on and off.
[[nodiscard]] inline std::string in_colour(Colour colour, std::string_view text) {
  return "\x1b[" + std::to_string(static_cast<int>(colour)) + "m" + std::string(text) + "\x1b[0m";
}

}  // namespace mydocker
