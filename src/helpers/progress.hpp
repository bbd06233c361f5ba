// How far something is, as a line for a terminal. Pure.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace mydocker {

// "WHAT [====      ]  40 %", at most `columns` wide; without the bar, and then without the words, where
// that is too narrow. `done` may be more than `all`.
[[nodiscard]] std::string progress_line(std::string_view what, std::uint64_t done,
                                        std::uint64_t all, unsigned columns);

}  // namespace mydocker
