#include "helpers/id_maps.hpp"

#include "helpers/numbers.hpp"
#include "helpers/text.hpp"

namespace mydocker {

std::string id_map_text(const std::vector<IdRange>& ranges) {
  std::string out;
  for (const auto& range : ranges) {
    out += std::to_string(range.inside) + " " + std::to_string(range.outside) + " " +
           std::to_string(range.count) + "\n";
  }
  return out;
}

std::string user_name(std::string_view passwd, std::uint32_t uid) {
  for (const auto line : text::split(passwd, '\n')) {
    const auto fields = text::split(line, ':');
    if (fields.size() > 2 && numbers::parse(fields[2]) == uid) return std::string(fields[0]);
  }
  return {};
}

std::vector<IdRange> own_id_map(std::uint32_t own, std::string_view file, std::string_view name,
                                std::uint32_t uid) {
  constexpr std::size_t kMostRanges = 340;  // of the kernel's
  std::vector<IdRange> out{{0, own, 1}};
  std::uint64_t inside = 1;
  for (const auto line : text::split(file, '\n')) {
    const auto fields = text::split(line, ':');
    if (fields.size() != 3 || out.size() == kMostRanges) continue;
    const bool is_his = (!name.empty() && fields[0] == name) || fields[0] == std::to_string(uid);
    const auto first = numbers::parse(fields[1], UINT32_MAX - 1);
    const auto count = numbers::parse(text::trimmed(fields[2]), UINT32_MAX - 1);
    if (!is_his || !first || !count || *first == 0 || *count == 0) continue;
    const bool holds_own = own >= *first && own - *first < *count;
    if (holds_own || *first + *count > UINT32_MAX || inside + *count > UINT32_MAX) continue;
    out.push_back({static_cast<std::uint32_t>(inside), static_cast<std::uint32_t>(*first),
                   static_cast<std::uint32_t>(*count)});
    inside += *count;
  }
  return out;
}

std::string sharer_of(const IdRange& range, std::string_view file) {
  for (const auto line : text::split(file, '\n')) {
    const auto fields = text::split(line, ':');
    if (fields.size() != 3) continue;
    const auto first = numbers::parse(fields[1], UINT32_MAX);
    const auto count = numbers::parse(text::trimmed(fields[2]), UINT32_MAX);
    if (!first || !count) continue;
    const std::uint64_t end = std::uint64_t{range.outside} + range.count;
    if (*first < end && range.outside < *first + *count) return std::string(fields[0]);
  }
  return {};
}

}  // namespace mydocker
