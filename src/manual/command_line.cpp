#include "manual/command_line.hpp"

#include <linux/capability.h>

#include <algorithm>
#include <csignal>

#include "cli/verbs.hpp"
#include "helpers/names.hpp"
#include "helpers/text.hpp"
#include "life/verbs.hpp"
#include "oci/verbs.hpp"

namespace mydocker::manual {
namespace {

std::vector<OptionText> texts_of(std::span<const oci::Flag> flags) {
  std::vector<OptionText> out;
  for (const auto& flag : flags) {
    OptionText option;
    if (flag.letter != 0) option.names.push_back(std::string("-") + flag.letter);
    option.names.push_back("--" + std::string(flag.name));
    const oci::FlagWords words = oci::words_of(flag);
    option.value = words.value;
    option.help = words.text;
    out.push_back(std::move(option));
  }
  return out;
}

bool is_large(char c) { return c >= 'A' && c <= 'Z'; }

void add(Choices& out, std::string_view part) {
  const auto begins = [&](std::string_view word) { return part.starts_with(word); };
  if (part.empty()) return;
  if (begins("FILE") || begins("PATH") || begins("SRC")) {
    out.file = true;
  } else if (begins("DIR")) {
    out.folder = true;
  } else if (part == "ID") {
    out.container = true;
  } else if (begins("IMAGE")) {
    out.image = true;
  } else if (begins("SIGNAL")) {
    out.signal = true;
  } else if (begins("CAPABILITY")) {
    out.capability = true;
  } else if (begins("COMMAND")) {
    out.command = true;
  } else if (part[0] >= 'a' && part[0] <= 'z') {
    const auto end = std::find_if(part.begin(), part.end(), is_large);
    out.words.emplace_back(part.begin(), end);
  }
}

// "ID..." of ours and "ID [SIGNAL]" of the OCI runtime's as "ID ID|SIGNAL...".
std::string merged_words(const std::string& own, const std::string& oci) {
  const auto ours = text::words(own), theirs = text::words(oci);
  if (ours.empty() || theirs.empty()) return ours.empty() ? oci : own;
  const bool repeats = own.ends_with("...");
  std::vector<std::string> out;
  for (std::size_t i = 0; i < std::max(ours.size(), theirs.size()); ++i) {
    std::string word(i < ours.size() || repeats ? ours[std::min(i, ours.size() - 1)] : "");
    word = text::replaced(word, "...", "");
    const std::string other(i < theirs.size() ? theirs[i] : "");
    if (word != other) word += (word.empty() || other.empty() ? "" : "|") + other;
    out.push_back(word);
  }
  return text::join(out, " ") + (repeats ? "..." : "");
}

}  // namespace

CommandLine command_line() {
  CommandLine out;
  out.options = cli::option_texts();
  for (const auto* const verb : cli::verbs()) {
    out.own.push_back({std::string(verb->name), std::string(verb->words),
                       std::string(verb->summary), texts_of(verb->flags),
                       verb->takes == cli::Takes::options});
  }
  for (const auto* const verb : life::verbs()) {
    out.own.push_back({std::string(verb->name), std::string(verb->words),
                       std::string(verb->summary), texts_of(verb->flags), false});
  }
  for (const auto* const verb : oci::verbs()) {
    out.oci.push_back({std::string(verb->name), std::string(verb->words),
                       std::string(verb->summary), texts_of(verb->flags), false});
  }
  out.global = texts_of(oci::global_flags());
  return out;
}

Choices choices_of(std::string_view value) {
  Choices out;
  for (const auto part : text::split(value, '|')) add(out, part);
  return out;
}

WordChoices words_of(std::string_view words) {
  WordChoices out;
  for (const auto each : text::words(words)) {
    std::string word(each);
    std::erase_if(word, [](char c) { return c == '[' || c == ']'; });
    out.repeats = word.ends_with("...") || word == "WORDS";
    out.words.push_back(choices_of(text::replaced(word, "...", "")));
  }
  return out;
}

std::vector<std::string> first_words(const CommandLine& line) {
  std::vector<std::string> out;
  for (const auto* const verbs : {&line.own, &line.oci}) {
    for (const auto& verb : *verbs) {
      std::string first(text::split(verb.name, ' ')[0]);
      if (std::find(out.begin(), out.end(), first) == out.end()) out.push_back(std::move(first));
    }
  }
  return out;
}

std::vector<std::string> second_words(const CommandLine& line, const std::string& first) {
  std::vector<std::string> out;
  for (const auto& verb : line.own) {
    if (verb.name.starts_with(first + " ")) out.push_back(verb.name.substr(first.size() + 1));
  }
  return out;
}

std::vector<VerbText> merged_verbs(const CommandLine& line) {
  std::vector<VerbText> out = line.own;
  for (const auto& verb : line.oci) {
    const auto same = std::find_if(out.begin(), out.end(),
                                   [&](const VerbText& each) { return each.name == verb.name; });
    if (same == out.end()) {
      out.push_back(verb);
      continue;
    }
    same->words = merged_words(same->words, verb.words);
    for (const auto& flag : verb.flags) {
      const bool is_there = std::any_of(
          same->flags.begin(), same->flags.end(),
          [&](const OptionText& each) { return each.names.back() == flag.names.back(); });
      if (!is_there) same->flags.push_back(flag);
    }
  }
  return out;
}

std::vector<std::string> capability_names() {
  std::vector<std::string> out;
  for (int number = 0; number <= CAP_LAST_CAP; ++number) {
    std::string name = names::capability(number);
    std::transform(name.begin(), name.end(), name.begin(), [](char c) {
      return c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
    });
    out.push_back(std::move(name));
  }
  out.emplace_back("ALL");
  return out;
}

std::vector<std::string> signal_names() {
  constexpr std::size_t kPrefix = 3;  // "SIG"
  std::vector<std::string> out;
  for (int number = 1; number < SIGSYS + 1; ++number)
    out.push_back(names::signal(number).substr(kPrefix));
  return out;
}

}  // namespace mydocker::manual
