// For fish: one `complete` for each option and verb.
#include "helpers/text.hpp"
#include "manual/command_line.hpp"

namespace mydocker::manual {
namespace {

std::string quoted(std::string text) {
  text = text::replaced(std::move(text), "\\", "\\\\");
  return "'" + text::replaced(text, "'", "\\'") + "'";
}

// What follows -a, and whether files are wanted.
std::string arguments_of(const Choices& choices) {
  std::vector<std::string> words = choices.words;
  const auto add = [&](bool is_so, std::vector<std::string> more) {
    if (is_so) words.insert(words.end(), more.begin(), more.end());
  };
  add(choices.folder && !choices.file, {"(__fish_complete_directories)"});
  add(choices.container, {"(command ls /run/mydocker 2>/dev/null)"});
  add(choices.image, {"(MyDocker image list 2>/dev/null | string split -f 1 ' ')"});
  add(choices.command, {"(__fish_complete_command)"});
  add(choices.signal, signal_names());
  add(choices.capability, capability_names());
  std::string out = choices.file ? " -F" : " -f";
  if (!words.empty()) out += " -a " + quoted(text::join(words, " "));
  return out;
}

std::string option_line(const std::string& when, const OptionText& option) {
  std::string out = "complete -c MyDocker -n " + quoted(when);
  for (const auto& name : option.names) {
    const bool is_long = name.starts_with("--");
    out += is_long ? " -l " + name.substr(2) : " -s " + name.substr(1);
  }
  if (!option.value.empty()) out += " -r" + arguments_of(choices_of(option.value));
  return out + " -d " + quoted(option.help) + "\n";
}

std::string seen(const std::string& verb) {
  const auto words = text::split(verb, ' ');
  std::string out = "__fish_seen_subcommand_from " + std::string(words[0]);
  if (words.size() > 1) out += "; and __fish_seen_subcommand_from " + std::string(words[1]);
  return out;
}

}  // namespace

std::string fish_completion(const CommandLine& line) {
  const OptionText help{{"-h", "--help"}, "", "this text", "", false};
  const std::string none = "not __fish_seen_subcommand_from " + text::join(first_words(line), " ");
  std::string out =
      "# Completion of MyDocker's words in fish, made of the tables by which it reads them.\n";
  for (const auto* const options : {&line.options, &line.global}) {
    for (const auto& option : *options) out += option_line(none, option);
  }
  for (const auto& first : first_words(line)) {
    out += "complete -c MyDocker -n __fish_is_first_token -a " + quoted(first) + "\n";
    for (const auto& second : second_words(line, first))
      out += "complete -c MyDocker -n " + quoted(seen(first)) + " -f -a " + quoted(second) + "\n";
  }
  for (auto verb : merged_verbs(line)) {
    verb.flags.push_back(help);
    if (verb.takes_options)
      verb.flags.insert(verb.flags.end(), line.options.begin(), line.options.end());
    for (const auto& flag : verb.flags) out += option_line(seen(verb.name), flag);
    for (const auto& words : words_of(verb.words).words)
      out += "complete -c MyDocker -n " + quoted(seen(verb.name)) + arguments_of(words) + "\n";
  }
  return out;
}

}  // namespace mydocker::manual
