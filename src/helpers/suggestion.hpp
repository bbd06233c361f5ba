// What somebody who mistyped a word may have meant.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace mydocker::suggestion {

// How many letters have to be put in, taken out, changed, or exchanged with their neighbour to make
// `one` of `other`.
[[nodiscard]] std::size_t distance(std::string_view one, std::string_view other);

// ": did you mean 'doctor'?" if one of `known` is near to `word`; else empty.
[[nodiscard]] std::string for_word(std::string_view word, const std::vector<std::string>& known);

}  // namespace mydocker::suggestion
