// All that the command line takes, gathered from the tables that the parsers use.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "cli/options.hpp"

namespace mydocker::manual {

using cli::OptionText;

struct VerbText {
  std::string name, words, summary;
  std::vector<OptionText> flags;
  bool takes_options = false;  // those of a classic run, too
};

struct CommandLine {
  std::vector<OptionText> options;  // of a classic run
  std::vector<VerbText> own, oci;
  std::vector<OptionText> global;  // in front of an OCI runtime's verb
};

[[nodiscard]] CommandLine command_line();

// What may stand for a value, or a word of a verb: "nft|legacy", "FILE|DIR|docker://NAME".
struct Choices {
  std::vector<std::string> words;  // "nft"; "bridge:", where more has to follow
  bool file = false, folder = false, container = false, image = false, signal = false,
       capability = false, command = false;
  bool operator==(const Choices&) const = default;
};

[[nodiscard]] Choices choices_of(std::string_view value);

// The same for each of a verb's words in their order: "ID [SIGNAL]". What the last one is, the
// following are if `repeats`.
struct WordChoices {
  std::vector<Choices> words;
  bool repeats = false;
};
[[nodiscard]] WordChoices words_of(std::string_view words);

// The first words of all verbs, once each; and the second ones of those that have two.
[[nodiscard]] std::vector<std::string> first_words(const CommandLine& line);
[[nodiscard]] std::vector<std::string> second_words(const CommandLine& line,
                                                    const std::string& first);

// All verbs, of which no two have one name: where MyDocker and the OCI runtime share one, it has the
// flags of both.
[[nodiscard]] std::vector<VerbText> merged_verbs(const CommandLine& line);

// "CAP_..." without the prefix, as --cap-add takes them, and "ALL"; "TERM".
[[nodiscard]] std::vector<std::string> capability_names();
[[nodiscard]] std::vector<std::string> signal_names();

// For bash: the tables into which completion.bash looks.
[[nodiscard]] std::string bash_tables(const CommandLine& line);
[[nodiscard]] std::string zsh_completion(const CommandLine& line);
[[nodiscard]] std::string fish_completion(const CommandLine& line);
// `page` with @OPTIONS@, @VERBS@, ... replaced. Throws std::runtime_error for a name that is unknown.
[[nodiscard]] std::string man_page(std::string page, const CommandLine& line);

}  // namespace mydocker::manual
