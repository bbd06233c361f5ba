#include "doctor/finding.hpp"

#include <algorithm>

#include "helpers/colours.hpp"
#include "helpers/text.hpp"

namespace mydocker::doctor {
namespace {

constexpr std::string_view kWords[] = {"ok", "lacks", "FAILS"};
constexpr std::string_view kJsonWords[] = {"ok", "lacking", "failing"};

constexpr Colour kColours[] = {Colour::green, Colour::yellow, Colour::red};

std::string padded(std::string_view text, std::size_t width) {
  std::string out(text);
  out.resize(std::max(width, out.size()), ' ');
  return out;
}

}  // namespace

std::string as_text(const std::vector<Finding>& findings, bool in_colours) {
  constexpr std::size_t kStateWidth = 6, kTopicWidth = 20;
  std::string out;
  for (const auto& finding : findings) {
    const auto state = static_cast<std::size_t>(finding.state);
    const std::string word = padded(kWords[state], kStateWidth);
    out += in_colours ? in_colour(kColours[state], word) : word;
    out += padded(finding.topic, kTopicWidth) + finding.text + "\n";
    if (!finding.remedy.empty())
      out += std::string(kStateWidth, ' ') + "remedy: " + finding.remedy + "\n";
  }
  return out;
}

std::string as_json(const std::vector<Finding>& findings) {
  std::string out = "[";
  for (const auto& finding : findings) {
    out += (out.size() > 1 ? ",\n " : "") + ("{\"topic\": " + text::json_string(finding.topic));
    out += ", \"state\": " + text::json_string(kJsonWords[static_cast<std::size_t>(finding.state)]);
    out += ", \"text\": " + text::json_string(finding.text) +
           ", \"remedy\": " + text::json_string(finding.remedy) + "}";
  }
  return out + "]\n";
}

}  // namespace mydocker::doctor
