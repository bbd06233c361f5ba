#include "helpers/progress.hpp"

#include <algorithm>

namespace mydocker {

std::string progress_line(std::string_view what, std::uint64_t done, std::uint64_t all,
                          unsigned columns) {
  constexpr std::uint64_t kWhole = 100;
  constexpr std::size_t kLeastBar = 10, kMostBar = 40, kAround = 4;  // two blanks, two brackets
  const double share =
      all == 0 ? 0 : std::min(1.0, static_cast<double>(done) / static_cast<double>(all));
  const std::string number = std::to_string(static_cast<unsigned>(share * kWhole));
  const std::string percent =
      std::string(3 - std::min<std::size_t>(3, number.size()), ' ') + number + " %";
  if (what.size() + 1 + percent.size() > columns) return percent;
  std::string out(what);
  const std::size_t taken = out.size() + kAround + percent.size();
  if (taken + kLeastBar <= columns) {
    const std::size_t width = std::min(kMostBar, columns - taken);
    const auto full = static_cast<std::size_t>(share * static_cast<double>(width));
    out += " [" + std::string(full, '=') + std::string(width - full, ' ') + "]";
  }
  return out + " " + percent;
}

}  // namespace mydocker
