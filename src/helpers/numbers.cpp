#include "helpers/numbers.hpp"

#include <charconv>

#include "helpers/text.hpp"

namespace mydocker::numbers {

std::optional<std::uint64_t> parse(std::string_view text, std::uint64_t largest) {
  std::uint64_t value = 0;
  const char* const end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, value);
  if (text.empty() || error != std::errc{} || stop != end || value > largest) return std::nullopt;
  return value;
}

std::optional<Bytes> parse_size(std::string_view text) {
  unsigned shift = 0;
  if (!text.empty()) {
    switch (text.back()) {
      case 'k':
      case 'K':
        shift = 10;
        break;
      case 'm':
      case 'M':
        shift = 20;
        break;
      case 'g':
      case 'G':
        shift = 30;
        break;
      default:
        break;
    }
  }
  if (shift != 0) text.remove_suffix(1);
  const auto value = parse(text, UINT64_MAX >> shift);
  if (!value) return std::nullopt;
  return Bytes{*value << shift};
}

std::optional<std::vector<unsigned>> parse_list(std::string_view text, unsigned largest) {
  std::vector<unsigned> out;
  if (text.empty()) return out;
  for (const auto part : text::split(text, ',')) {
    const auto dash = part.find('-');
    const auto first = parse(part.substr(0, dash), largest);
    const auto last =
        dash == std::string_view::npos ? first : parse(part.substr(dash + 1), largest);
    if (!first || !last || *last < *first) return std::nullopt;
    for (auto number = *first; number <= *last; ++number)
      out.push_back(static_cast<unsigned>(number));
  }
  return out;
}

std::string size_text(Bytes size) {
  static constexpr std::pair<unsigned, const char*> kUnits[] = {
      {30, " GiB"}, {20, " MiB"}, {10, " KiB"}};
  for (const auto& [shift, name] : kUnits) {
    const std::uint64_t unit = std::uint64_t{1} << shift;
    if (size.count >= unit && size.count % unit == 0)
      return std::to_string(size.count >> shift) + name;
  }
  return std::to_string(size.count) + (size.count == 1 ? " byte" : " bytes");
}

std::optional<std::int64_t> parse_milliseconds(std::string_view text) {
  constexpr std::uint64_t kTenYears = 10ULL * 366 * 24 * 3600;
  const auto dot = text.find('.');
  const auto seconds = parse(text.substr(0, dot), kTenYears);
  if (!seconds) return std::nullopt;
  std::uint64_t milliseconds = 0;
  if (dot != std::string_view::npos) {
    const std::string_view fraction = text.substr(dot + 1);
    const auto digits = parse(fraction, 999);
    if (!digits || fraction.size() > 3) return std::nullopt;
    milliseconds = *digits;
    for (auto i = fraction.size(); i < 3; ++i) milliseconds *= 10;
  }
  return static_cast<std::int64_t>(*seconds * 1000 + milliseconds);
}

}  // namespace mydocker::numbers
