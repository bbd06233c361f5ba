#include "oci/config/fault.hpp"

#include <algorithm>

#include "helpers/text.hpp"

namespace mydocker::oci {
namespace {

using nlohmann::json;

constexpr std::size_t kLongestReason = 200;

// Takes every event, to learn where the text stops being JSON.
struct FaultFinder : nlohmann::json_sax<json> {
  std::size_t position = 0;
  bool null() override { return true; }
  bool boolean(bool) override { return true; }
  bool number_integer(json::number_integer_t) override { return true; }
  bool number_unsigned(json::number_unsigned_t) override { return true; }
  bool number_float(json::number_float_t, const std::string&) override { return true; }
  bool string(std::string&) override { return true; }
  bool binary(json::binary_t&) override { return true; }
  bool start_object(std::size_t) override { return true; }
  bool key(std::string&) override { return true; }
  bool end_object() override { return true; }
  bool start_array(std::size_t) override { return true; }
  bool end_array() override { return true; }
  bool parse_error(std::size_t at, const std::string&, const json::exception&) override {
    position = at;
    return false;
  }
};

}  // namespace

std::string fault_of(std::string_view text, const json::exception& error) {
  FaultFinder finder;
  json::sax_parse(text, &finder);
  const std::string_view before =
      text.substr(0, finder.position == 0 ? 0 : std::min(finder.position - 1, text.size()));
  const auto line = std::count(before.begin(), before.end(), '\n') + 1;
  const auto last = before.rfind('\n');
  const std::size_t column = before.size() - (last == std::string_view::npos ? 0 : last + 1) + 1;
  // The library's own prefix and place say the same in more words.
  std::string_view reason = error.what();
  for (const std::string_view mark : {"] ", "column ", ": ", " - "}) {
    const auto at = reason.find(mark);
    if (at != std::string_view::npos) reason.remove_prefix(at + mark.size());
  }
  std::string out = "line " + std::to_string(line) + ", column " + std::to_string(column) + ": ";
  const std::string quoted = text::quoted(reason.substr(0, kLongestReason));
  return out.append(quoted, 1, quoted.size() - 2);
}

}  // namespace mydocker::oci
