#include "helpers/columns.hpp"

#include <vector>

#include "helpers/text.hpp"

namespace mydocker::columns {
namespace {

std::vector<std::string> broken(std::string_view text, std::size_t width) {
  std::vector<std::string> out;
  for (const auto word : text::words(text)) {
    if (out.empty() || out.back().size() + 1 + word.size() > width)
      out.emplace_back(word);
    else
      out.back().append(" ").append(word);
  }
  return out;
}

}  // namespace

std::string row(std::string_view left, std::string_view right, std::size_t indent,
                std::size_t width) {
  std::string out(left);
  const bool fits = left.size() + 2 <= indent;
  if (!fits) out += "\n";
  std::size_t column = fits ? left.size() : 0;
  for (const auto& line : broken(right, width - indent)) {
    out += std::string(indent - column, ' ') + line + "\n";
    column = 0;
  }
  return out.ends_with('\n') ? out : out + "\n";
}

}  // namespace mydocker::columns
