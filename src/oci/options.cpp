#include "oci/options.hpp"

#include <algorithm>

#include "helpers/columns.hpp"
#include "helpers/numbers.hpp"
#include "helpers/suggestion.hpp"
#include "helpers/text.hpp"
#include "mydocker/error.hpp"
#include "oci/verbs.hpp"

namespace mydocker::oci {
namespace {

constexpr Flag kGlobal[] = {
    {"root", 0, true, "DIR: where the states of containers are kept"},
    {"log", 0, true, "FILE: where errors are written besides"},
    {"log-format", 0, true, "text|json"},
    {"log-level", 0, true, "LEVEL"},
    {"debug", 0, false, "accepted; there is nothing more to tell"},
    {"systemd-cgroup", 's', false, "cgroups by systemd"},
    {"cgroup-manager", 0, true, "cgroupfs|systemd|disabled"},
    {"rootless", 0, true, "true|false|auto"},
    {"criu", 0, true, "PATH: accepted; checkpoints are not made"},
};

const Flag* find(std::span<const Flag> table, std::string_view name) {
  const auto same = std::find_if(table.begin(), table.end(), [&](const Flag& flag) {
    return flag.name == name || (name.size() == 1 && flag.letter == name[0]);
  });
  return same == table.end() ? nullptr : &*same;
}

// "--name=value" as its two parts; a word that is no flag gives no name.
struct Parts {
  std::string_view name;
  std::optional<std::string_view> value;
};

Parts parts_of(std::string_view word) {
  if (word.size() < 2 || word[0] != '-') return {};
  word.remove_prefix(word.starts_with("--") ? 2 : 1);
  const auto equals = word.find('=');
  if (equals == std::string_view::npos) return {word, std::nullopt};
  return {word.substr(0, equals), word.substr(equals + 1)};
}

// How many of the first words are global flags and their values. A single letter is the classic
// command line's, but for those that stand in the table.
std::size_t count_global(std::span<const char* const> words) {
  std::size_t at = 0;
  while (at < words.size()) {
    const Parts parts = parts_of(words[at]);
    const Flag* const flag = parts.name.empty() ? nullptr : find(kGlobal, parts.name);
    if (flag == nullptr) break;
    const bool next_is_value = flag->takes_value && !parts.value;
    at += next_is_value ? 2U : 1U;
  }
  return at;
}

}  // namespace

std::optional<std::string> Arguments::value(std::string_view name) const {
  const auto found = given_.find(name);
  return found == given_.end() ? std::nullopt : std::optional(found->second.back());
}

std::vector<std::string> Arguments::values(std::string_view name) const {
  const auto found = given_.find(name);
  return found == given_.end() ? std::vector<std::string>{} : found->second;
}

std::string Arguments::value_or(std::string_view name, std::string_view otherwise) const {
  return value(name).value_or(std::string(otherwise));
}

bool Arguments::is_on(std::string_view name) const {
  return value(name).value_or("false") == "true";
}

std::optional<std::uint64_t> Arguments::number(std::string_view name) const {
  const auto text = value(name);
  if (!text) return std::nullopt;
  const auto out = numbers::parse(*text);
  if (!out)
    throw UsageError("--" + std::string(name) + " " + text::quoted(*text) + ": a number is wanted");
  return out;
}

class Parser {
 public:
  Parser(std::span<const char* const> words, std::span<const Flag> table, Rest rest)
      : words_(words), table_(table), rest_(rest) {}

  Arguments parse() {
    for (; at_ < words_.size(); ++at_) {
      const std::string_view word = words_[at_];
      if (word == "--") {
        rest_of_words(at_ + 1);
        break;
      }
      const Parts parts = parts_of(word);
      if (!parts.name.empty()) {
        flag(word, parts);
      } else if (rest_ == Rest::words && !out_.words.empty()) {
        rest_of_words(at_);
        break;
      } else {
        out_.words.emplace_back(word);
        // Behind the container's id a command begins, whose flags are its own.
        if (rest_ == Rest::words) {
          rest_of_words(at_ + 1);
          break;
        }
      }
    }
    return std::move(out_);
  }

 private:
  void rest_of_words(std::size_t from) {
    for (; from < words_.size(); ++from) out_.words.emplace_back(words_[from]);
  }

  void flag(std::string_view word, const Parts& parts) {
    const Flag* const found = find(table_, parts.name);
    if (found == nullptr) {
      if (letters(parts)) return;
      throw UsageError("unknown flag " + text::quoted(word) + nearest(parts.name));
    }
    auto& values = out_.given_[std::string(found->name)];
    if (parts.value) {
      values.emplace_back(*parts.value);
    } else if (!found->takes_value) {
      values.emplace_back("true");
    } else if (++at_ < words_.size()) {
      values.emplace_back(words_[at_]);
    } else {
      throw UsageError(text::quoted(word) + ": its value is missing");
    }
  }

  std::string nearest(std::string_view name) const {
    std::vector<std::string> known;
    for (const auto& flag : table_) known.push_back("--" + std::string(flag.name));
    return suggestion::for_word("--" + std::string(name), known);
  }

  // "-it" as "-i -t".
  bool letters(const Parts& parts) {
    if (parts.value || parts.name.size() < 2) return false;
    for (const char letter : parts.name) {
      const Flag* const each = find(table_, std::string_view(&letter, 1));
      if (each == nullptr || each->takes_value) return false;
    }
    for (const char letter : parts.name) {
      const Flag* const each = find(table_, std::string_view(&letter, 1));
      out_.given_[std::string(each->name)].emplace_back("true");
    }
    return true;
  }

  std::span<const char* const> words_;
  std::span<const Flag> table_;
  Rest rest_;
  std::size_t at_ = 0;
  Arguments out_;
};

Arguments parse(std::span<const char* const> words, std::span<const Flag> table, Rest rest) {
  return Parser(words, table, rest).parse();
}

std::optional<std::size_t> find_verb(std::span<const char* const> words) {
  const std::size_t at = count_global(words);
  if (at >= words.size() || find_verb_named(words[at]) == nullptr) return std::nullopt;
  return at;
}

bool asks_for_version(std::span<const char* const> words) {
  const std::size_t at = count_global(words);
  return at < words.size() && parts_of(words[at]).name == "version";
}

FlagWords words_of(const Flag& flag) {
  if (!flag.takes_value) return {"", flag.help};
  const std::size_t end = std::min(flag.help.find_first_of(" ,"), flag.help.size());
  std::string_view value = flag.help.substr(0, end), text = flag.help.substr(end);
  if (value.ends_with(':')) value.remove_suffix(1);
  text.remove_prefix(std::min(text.find_first_not_of(" ,"), text.size()));
  const auto is_small = [](char c) { return c >= 'a' && c <= 'z'; };
  const bool is_sentence = value.find('|') == std::string_view::npos &&
                           std::any_of(value.begin(), value.end(), is_small);
  return is_sentence ? FlagWords{"VALUE", flag.help} : FlagWords{value, text};
}

std::string flag_text(const Flag& flag) {
  const FlagWords words = words_of(flag);
  std::string left = "  --" + std::string(flag.name);
  if (flag.letter != 0) left += std::string(", -") + flag.letter;
  if (!words.value.empty()) left += " " + std::string(words.value);
  return columns::row(left, words.text);
}

std::span<const Flag> global_flags() { return kGlobal; }

}  // namespace mydocker::oci
