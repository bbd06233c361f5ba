#include "cli/verbs.hpp"

#include <unistd.h>

#include <algorithm>
#include <vector>

#include "helpers/columns.hpp"
#include "helpers/suggestion.hpp"
#include "helpers/text.hpp"
#include "life/verbs.hpp"
#include "mydocker/error.hpp"
#include "oci/verbs.hpp"
#include "sys/files.hpp"

namespace mydocker::cli {
namespace {

const Verb* const kVerbs[] = {
    &doctor_verb,        &verify_verb,       &inspect_verb, &image_load_verb, &image_list_verb,
    &image_inspect_verb, &image_remove_verb, &diff_verb,    &commit_verb,     &export_verb,
};

constexpr oci::Flag kHelp{"help", 'h', false, "this text"};

// How many of `words` are the verb's name, one or two; 0 if they are another's.
std::size_t count_name(const Verb& verb, std::span<const char* const> words) {
  const auto parts = text::split(verb.name, ' ');
  const bool same =
      parts.size() <= words.size() &&
      std::equal(parts.begin(), parts.end(), words.begin(),
                 [](std::string_view part, const char* word) { return part == word; });
  return same ? parts.size() : 0;
}

std::string usage_of(const Verb& verb) {
  std::string out = "MyDocker " + std::string(verb.name) + " [flags]";
  if (verb.takes == Takes::options) out += " [options]";
  if (!verb.words.empty()) out += " " + std::string(verb.words);
  return out;
}

std::string help_of(const Verb& verb) {
  std::string out = "Usage: " + usage_of(verb) + "\n" + std::string(verb.summary) + "\n";
  for (const auto& flag : verb.flags) out += oci::flag_text(flag);
  return out + oci::flag_text(kHelp);
}

int run(const Verb& verb, std::span<const char* const> words) {
  const auto is_help = [](std::string_view word) { return word == "-h" || word == "--help"; };
  if (std::any_of(words.begin(), words.end(), is_help)) {
    sys::write_all(STDOUT_FILENO, help_of(verb));
    return 0;
  }
  const std::string name(verb.name);
  oci::Arguments arguments;
  if (verb.takes == Takes::options) {
    arguments.words.assign(words.begin(), words.end());
    return verb.run(arguments);
  }
  try {
    arguments = oci::parse(words, verb.flags, oci::Rest::flags_too);
  } catch (const UsageError& error) {
    throw UsageError(name + ": " + error.what() + ": 'MyDocker " + name + " --help'");
  }
  const std::size_t count = arguments.words.size();
  if (count < verb.least_words || count > verb.most_words)
    throw UsageError(name + ": it is used so: " + usage_of(verb));
  return verb.run(arguments);
}

// The second words behind `first`, if there are any: "load, list" for "image".
std::vector<std::string> seconds_of(std::string_view first) {
  std::vector<std::string> out;
  for (const auto* const verb : kVerbs) {
    const auto parts = text::split(verb->name, ' ');
    if (parts.size() == 2 && parts[0] == first) out.emplace_back(parts[1]);
  }
  return out;
}

}  // namespace

std::span<const Verb* const> verbs() { return kVerbs; }

std::optional<int> run_verb(std::span<const char* const> words) {
  if (words.empty()) return std::nullopt;
  for (const auto* const verb : kVerbs) {
    if (const std::size_t name = count_name(*verb, words); name != 0)
      return run(*verb, words.subspan(name));
  }
  const auto seconds = seconds_of(words.front());
  if (seconds.empty()) return std::nullopt;
  const std::string first = words.front();
  if (words.size() == 1)
    throw UsageError(first + ": one of these has to follow: " + text::join(seconds, ", "));
  const std::string second = words[1];
  if (second == "-h" || second == "--help") {
    for (const auto* const verb : kVerbs) {
      if (verb->name.starts_with(first + " ")) sys::write_all(STDOUT_FILENO, help_of(*verb));
    }
    return 0;
  }
  throw UsageError(first + " " + text::quoted(second) + ": allowed are " +
                   text::join(seconds, ", ") + suggestion::for_word(second, seconds));
}

std::string nearest_verb(std::string_view word) {
  std::vector<std::string> names;
  for (const auto* const verb : kVerbs) names.emplace_back(text::split(verb->name, ' ')[0]);
  for (const auto* const verb : life::verbs()) names.emplace_back(verb->name);
  for (const auto* const verb : oci::verbs()) names.emplace_back(verb->name);
  return suggestion::for_word(word, names);
}

}  // namespace mydocker::cli
