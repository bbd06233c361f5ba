#include "helpers/suggestion.hpp"

#include <algorithm>
#include <utility>

#include "helpers/text.hpp"

namespace mydocker::suggestion {

std::size_t distance(std::string_view one, std::string_view other) {
  // Three rows of the table of distances between all beginnings of the two: the last ones.
  std::vector<std::size_t> above, row(other.size() + 1), last;
  for (std::size_t j = 0; j <= other.size(); ++j) row[j] = j;
  for (std::size_t i = 1; i <= one.size(); ++i) {
    last = std::exchange(above, row);
    row[0] = i;
    for (std::size_t j = 1; j <= other.size(); ++j) {
      const bool same = one[i - 1] == other[j - 1];
      row[j] = std::min({above[j] + 1, row[j - 1] + 1, above[j - 1] + (same ? 0 : 1)});
      const bool exchanged =
          i > 1 && j > 1 && one[i - 1] == other[j - 2] && one[i - 2] == other[j - 1];
      if (exchanged) row[j] = std::min(row[j], last[j - 2] + 1);
    }
  }
  return row[other.size()];
}

std::string for_word(std::string_view word, const std::vector<std::string>& known) {
  // Of four letters one may be wrong, of seven two. A long word is none that was mistyped.
  constexpr std::size_t kShortest = 3, kLongest = 64, kLettersForOne = 3;
  if (word.size() < kShortest || word.size() > kLongest) return {};
  const std::string* best = nullptr;
  std::size_t least = std::max<std::size_t>(1, (word.size() - 1) / kLettersForOne) + 1;
  for (const auto& each : known) {
    const std::size_t found = distance(word, each);
    if (found >= least || found >= each.size()) continue;
    least = found;
    best = &each;
  }
  return best == nullptr ? std::string() : ": did you mean " + text::quoted(*best) + "?";
}

}  // namespace mydocker::suggestion
