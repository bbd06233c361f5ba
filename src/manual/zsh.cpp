// For zsh: one function, which hands lists of options to zsh's _arguments.
#include "helpers/text.hpp"
#include "manual/command_line.hpp"

namespace mydocker::manual {
namespace {

std::string quoted(const std::string& text) {
  return "'" + text::replaced(text, "'", "'\\''") + "'";
}

// Inside of a specification these have a meaning.
std::string plain(std::string text) {
  for (const char* const each : {"\\", ":", "[", "]"})
    text = text::replaced(text, each, std::string("\\") + each);
  return text;
}

std::string action_of(const Choices& choices) {
  std::vector<std::string> out;
  const auto add = [&](bool is_so, const std::string& action) {
    if (is_so) out.push_back(action);
  };
  std::vector<std::string> whole, open;
  for (const auto& word : choices.words)
    (word.ends_with(':') || word.ends_with('/') ? open : whole).push_back(word);
  add(!whole.empty(), "compadd -- " + text::join(whole, " "));
  add(!open.empty(), "compadd -S \"\" -- " + text::join(open, " "));
  add(choices.file, "_files");
  add(choices.folder && !choices.file, "_files -/");
  add(choices.container, "compadd -- /run/mydocker/*(N:t)");
  add(choices.image, "compadd -- ${${(f)\"$(MyDocker image list 2>/dev/null)\"}%% *}");
  add(choices.signal, "compadd -- " + text::join(signal_names(), " "));
  add(choices.capability, "compadd -- " + text::join(capability_names(), " "));
  add(choices.command, "_command_names -e");
  return out.empty() ? " " : "{ " + text::join(out, "; ") + " }";
}

// One line for each name: "'*--env[text]:K[=V]:{ ... }'".
std::string options_of(const std::vector<OptionText>& options) {
  std::string out;
  for (const auto& option : options) {
    for (const auto& name : option.names) {
      const bool is_long = name.starts_with("--");
      std::string spec = "*" + name;
      if (!option.value.empty()) spec += is_long ? "=" : "+";
      spec += "[" + plain(option.help) + "]";
      if (!option.value.empty())
        spec += ":" + plain(option.value) + ":" + action_of(choices_of(option.value));
      out += "            " + quoted(spec) + " \\\n";
    }
  }
  return out;
}

std::string words_of_verb(const VerbText& verb) {
  const WordChoices words = words_of(verb.words);
  std::string out;
  for (std::size_t i = 0; i < words.words.size(); ++i) {
    const bool is_rest = words.repeats && i + 1 == words.words.size();
    const std::string place = is_rest ? "*" : std::to_string(i + 1);
    out += "            " +
           quoted(place + ":" + plain(verb.words) + ":" + action_of(words.words[i])) + " \\\n";
  }
  return out;
}

std::string call(const std::string& specs) {
  return "        _arguments -s -S : \\\n" + specs + "            && return\n";
}

}  // namespace

std::string zsh_completion(const CommandLine& line) {
  const OptionText help{{"-h", "--help"}, "", "this text", "", false};
  std::string described, cases;
  for (auto verb : merged_verbs(line)) {
    verb.flags.push_back(help);
    if (verb.takes_options)
      verb.flags.insert(verb.flags.end(), line.options.begin(), line.options.end());
    cases += "    " + quoted(verb.name) + ")\n" +
             call(options_of(verb.flags) + words_of_verb(verb)) + "        ;;\n";
  }
  for (const auto& first : first_words(line)) {
    const auto seconds = second_words(line, first);
    if (seconds.empty()) continue;
    cases += "    " + quoted(first) + ")\n        compadd -- " + text::join(seconds, " ") +
             "\n        ;;\n";
  }
  for (const auto& first : first_words(line)) described += " " + quoted(first);
  return "#compdef MyDocker\n# Completion of MyDocker's words in zsh, made of the tables by which "
         "it "
         "reads them.\n\n"
         "_MyDocker() {\n"
         "    local verb=\n"
         "    local -a verbs=(" +
         described +
         ")\n"
         "    if (( CURRENT > 2 )) && (( $verbs[(Ie)$words[2]] )); then\n"
         "        verb=$words[2]\n"
         "        shift words; (( CURRENT-- ))\n"
         "        if [[ $verb == image ]] && (( CURRENT > 2 )); then\n"
         "            verb+=\" $words[2]\"\n"
         "            shift words; (( CURRENT-- ))\n"
         "        fi\n"
         "    elif (( CURRENT == 2 )) && [[ $words[2] != -* ]]; then\n"
         "        compadd -- $verbs\n"
         "    fi\n"
         "    case $verb in\n" +
         cases + "    *)\n" +
         call(options_of(line.options) + options_of(line.global) +
              "            '(-)1:entrypoint:{ _command_names -e; _files }' \\\n"
              "            '*::words:_files' \\\n") +
         "        ;;\n    esac\n}\n\n_MyDocker \"$@\"\n";
}

}  // namespace mydocker::manual
