// For bash: tables of what may stand where, and src/manual/completion.bash, which looks into them.
#include "helpers/text.hpp"
#include "manual/command_line.hpp"

namespace mydocker::manual {
namespace {

// In single quotes, for a shell.
std::string quoted(const std::string& text) {
  return "'" + text::replaced(text, "'", "'\\''") + "'";
}

// "nat bridge: <file>": the words themselves, and in angles what has to be looked for.
std::string text_of(const Choices& choices) {
  std::vector<std::string> out = choices.words;
  const auto add = [&](bool is_so, const char* word) {
    if (is_so) out.emplace_back(word);
  };
  add(choices.file, "<file>");
  add(choices.folder, "<folder>");
  add(choices.container, "<container>");
  add(choices.image, "<image>");
  add(choices.signal, "<signal>");
  add(choices.capability, "<capability>");
  add(choices.command, "<command>");
  return text::join(out, " ");
}

class Tables {
 public:
  // The options behind `verb`; empty: those of a classic run.
  void add(const std::string& verb, const std::vector<OptionText>& options) {
    std::vector<std::string> all;
    for (const auto& option : options) {
      for (const auto& name : option.names) {
        all.push_back(name);
        if (!option.value.empty())
          values_ += entry(verb + " " + name, text_of(choices_of(option.value)));
      }
    }
    options_ += entry(verb, text::join(all, " "));
  }

  void add_words(const VerbText& verb) {
    const WordChoices words = words_of(verb.words);
    std::vector<std::string> out;
    for (const auto& each : words.words) out.push_back(text_of(each));
    words_ += entry(verb.name, text::join(out, ",") + (words.repeats ? ",..." : ""));
  }

  void add_second(const std::string& first, const std::vector<std::string>& words) {
    if (!words.empty()) seconds_ += entry(first, text::join(words, " "));
  }

  [[nodiscard]] std::string text() const {
    return "declare -gA _MyDocker_options=(\n" + options_ + ")\n" +
           "declare -gA _MyDocker_values=(\n" + values_ + ")\n" +
           "declare -gA _MyDocker_words=(\n" + words_ + ")\n" +
           "declare -gA _MyDocker_seconds=(\n" + seconds_ + ")\n";
  }

 private:
  static std::string entry(const std::string& key, const std::string& value) {
    return "    [" + quoted(key) + "]=" + quoted(value) + "\n";
  }
  std::string options_, values_, words_, seconds_;
};

}  // namespace

std::string bash_tables(const CommandLine& line) {
  Tables tables;
  tables.add("classic", line.options);
  tables.add("global", line.global);
  const OptionText help{{"-h", "--help"}, "", "this text", "", false};
  for (auto verb : merged_verbs(line)) {
    verb.flags.push_back(help);
    if (verb.takes_options)
      verb.flags.insert(verb.flags.end(), line.options.begin(), line.options.end());
    tables.add(verb.name, verb.flags);
    tables.add_words(verb);
  }
  for (const auto& first : first_words(line)) tables.add_second(first, second_words(line, first));
  return "# Completion of MyDocker's words in bash, made of the tables by which it reads them.\n" +
         tables.text() + "_MyDocker_verbs=" + quoted(text::join(first_words(line), " ")) +
         "\n_MyDocker_signals=" + quoted(text::join(signal_names(), " ")) +
         "\n_MyDocker_capabilities=" + quoted(text::join(capability_names(), " ")) + "\n\n";
}

}  // namespace mydocker::manual
