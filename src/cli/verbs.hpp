// MyDocker's own verbs, beside those of an OCI runtime (src/oci/verbs.hpp): what each takes, and who
// does it. What reads the command line, -h, the man page and the completion of shells have them from
// here.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "oci/options.hpp"

namespace mydocker::cli {

enum class Takes {
  flags,    // its own, anywhere between its words
  options,  // its own and those of a classic run: it gets its words as they were written
};

struct Verb {
  std::string_view name;   // "diff", "image load"
  std::string_view words;  // what it takes besides flags: "ID|DIR", "IMAGE..."
  std::string_view summary;
  std::span<const oci::Flag> flags;
  std::size_t least_words, most_words;
  // Gives the exit status. Throws UsageError and SetupError.
  int (*run)(const oci::Arguments& arguments);
  Takes takes = Takes::flags;
};

inline constexpr std::size_t kAnyNumber = 1000000;

// In the order in which -h shows them.
[[nodiscard]] std::span<const Verb* const> verbs();

// Does what the words ask for and gives the status; nothing if they begin with no verb: a verb is one
// only as the first word, behind an option it is an entrypoint. Throws UsageError and SetupError.
[[nodiscard]] std::optional<int> run_verb(std::span<const char* const> words);

// ": did you mean 'doctor'?" for a word that is nearly a verb, of MyDocker or of an OCI runtime; else
// empty.
[[nodiscard]] std::string nearest_verb(std::string_view word);

extern const Verb doctor_verb, verify_verb, inspect_verb, image_load_verb, image_list_verb,
    image_inspect_verb, image_remove_verb, diff_verb, commit_verb, export_verb;

}  // namespace mydocker::cli
