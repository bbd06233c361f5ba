#include "cli/config_file.hpp"

#include <fcntl.h>
#include <sys/stat.h>

#include <algorithm>
#include <cerrno>

#include "helpers/suggestion.hpp"
#include "helpers/text.hpp"
#include "mydocker/error.hpp"
#include "sys/files.hpp"

namespace mydocker::cli {
namespace {

constexpr std::string_view kEntrypoint = "entrypoint";
// What is not of a container, but of one call.
constexpr const char* kOfCommandLine[] = {"--config", "--help", "--version"};

std::string place_of(std::string_view file, std::size_t line) {
  return text::printable(file) + ":" + std::to_string(line) + ": ";
}

// The key that an option has in a file.
std::string key_of(const OptionText& option) {
  const std::string& name = option.names.back();
  return name.substr(name.find_first_not_of('-'));
}

bool may_stand_in_file(const OptionText& option) {
  return std::find(std::begin(kOfCommandLine), std::end(kOfCommandLine), option.names.back()) ==
         std::end(kOfCommandLine);
}

class Parser {
 public:
  Parser(std::string_view file, std::string_view text) : file_(file), options_(option_texts()) {
    std::erase_if(options_, [](const OptionText& each) { return !may_stand_in_file(each); });
    for (auto line : text::split(text, '\n')) {
      ++at_;
      if (line.ends_with('\r')) line.remove_suffix(1);
      const std::string trimmed = text::trimmed(line);
      if (!trimmed.empty() && trimmed[0] != '#') take(trimmed);
    }
  }

  std::vector<ConfigLine> lines;

 private:
  [[noreturn]] void refuse(const std::string& why) const {
    throw UsageError(place_of(file_, at_) + why);
  }

  [[nodiscard]] const OptionText& option(const std::string& key) const {
    const auto found = std::find_if(options_.begin(), options_.end(),
                                    [&](const OptionText& each) { return key_of(each) == key; });
    if (found != options_.end()) return *found;
    std::vector<std::string> known{std::string(kEntrypoint)};
    for (const auto& each : options_) known.push_back(key_of(each));
    refuse("unknown key " + text::quoted(key) + suggestion::for_word(key, known));
  }

  void take(const std::string& line) {
    const auto equals = line.find('=');
    const std::string key = text::trimmed(line.substr(0, equals));
    std::optional<std::string> value;
    if (equals != std::string::npos) value = unquoted(text::trimmed(line.substr(equals + 1)));
    if (key == kEntrypoint) {
      if (!value) refuse("entrypoint: its value is missing");
      lines.push_back({"", *value, at_});
      return;
    }
    const OptionText& known = option(key);
    if (known.value.empty()) {
      if (value && value != "true" && value != "false")
        refuse(key + " " + text::quoted(*value) + ": allowed are true and false");
      if (value != "false") lines.push_back({known.names.back(), std::nullopt, at_});
    } else {
      if (!value) refuse(key + ": its value is missing: '" + key + " = " + known.value + "'");
      lines.push_back({known.names.back(), value, at_});
    }
  }

  static std::string unquoted(const std::string& value) {
    const bool has_quotes = value.size() > 1 && value.starts_with('"') && value.ends_with('"');
    return has_quotes ? value.substr(1, value.size() - 2) : value;
  }

  std::string_view file_;
  std::vector<OptionText> options_;
  std::size_t at_ = 0;
};

std::string read_config(const std::string& file) {
  constexpr std::size_t kMost = 1U << 20;
  const auto refuse = [&](const std::string& why) {
    throw UsageError("--config " + text::quoted(file) + ": " + why);
  };
  // Not a pipe: MyDocker may have to read it again, from a copy of itself.
  const UniqueFd fd(::open(file.c_str(), O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK));
  struct stat info {};
  if (!fd || ::fstat(fd.get(), &info) < 0) refuse(errno_text(errno));
  if (!S_ISREG(info.st_mode)) refuse("it is no file");
  std::string out = sys::read_all(fd.get(), kMost + 1);
  if (out.size() > kMost) refuse("it is larger than 1 MB");
  if (out.find('\0') != std::string::npos) refuse("it is no text");
  return out;
}

// Whether `line` of a refusal is about what the file says.
bool is_about(std::string_view line, const ConfigLine& said) {
  if (said.option.empty()) return false;
  const auto at = line.find(said.option);
  if (at == std::string_view::npos) return false;
  const std::string_view behind = line.substr(at + said.option.size());
  if (!behind.empty() && behind[0] != ' ' && behind[0] != ':') return false;
  // Another value of the same option is the command line's.
  return !behind.starts_with(" '") || !said.value ||
         behind.substr(1).starts_with(text::quoted(*said.value));
}

}  // namespace

std::vector<ConfigLine> parse_config(std::string_view file, std::string_view text) {
  return Parser(file, text).lines;
}

Options read_options(std::span<const char* const> words) {
  Options given = parse_options(words);
  if (!given.config) return given;
  const auto lines = parse_config(*given.config, read_config(*given.config));
  // In front, so that of what counts once the command line's is the last.
  std::vector<const char*> all;
  std::vector<std::string> entrypoint;
  for (const auto& line : lines) {
    if (line.option.empty()) {
      entrypoint.push_back(*line.value);
      continue;
    }
    all.push_back(line.option.c_str());
    if (line.value) all.push_back(line.value->c_str());
  }
  all.insert(all.end(), words.begin(), words.end());
  Options out = parse_options(all);
  if (out.entrypoint.empty()) out.entrypoint = std::move(entrypoint);
  out.config_lines = lines;
  return out;
}

std::string with_places(const Options& options, std::string_view refusal) {
  std::vector<std::string> out;
  for (const auto line : text::split(refusal, '\n')) {
    const auto said = std::find_if(options.config_lines.rbegin(), options.config_lines.rend(),
                                   [&](const ConfigLine& each) { return is_about(line, each); });
    const bool found = said != options.config_lines.rend();
    out.push_back((found ? place_of(*options.config, said->line) : "") + std::string(line));
  }
  return text::join(out, "\n");
}

}  // namespace mydocker::cli
