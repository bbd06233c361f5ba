// The command line of an OCI runtime, as engines write it: global flags, a verb, its flags, its
// words. The grammar is that of Go's flag packages, which callers rely on: "--name value",
// "--name=value", one dash or two, "--flag=false".
#pragma once

#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace mydocker::oci {

struct Flag {
  std::string_view name;
  char letter = 0;  // its short form, or 0
  bool takes_value = true;
  std::string_view help = {};
};

// What was given.
class Arguments {
 public:
  // The value of a flag, the last one given.
  [[nodiscard]] std::optional<std::string> value(std::string_view name) const;
  [[nodiscard]] std::vector<std::string> values(std::string_view name) const;
  [[nodiscard]] std::string value_or(std::string_view name, std::string_view otherwise) const;
  // Whether a flag without a value is on.
  [[nodiscard]] bool is_on(std::string_view name) const;
  // A number from 0 up. Throws UsageError.
  [[nodiscard]] std::optional<std::uint64_t> number(std::string_view name) const;

  std::vector<std::string> words;  // what is no flag

 private:
  friend class Parser;
  std::map<std::string, std::vector<std::string>, std::less<>> given_;
};

enum class Rest {
  flags_too,  // flags may stand behind the words
  words,      // from the first word on, everything is a word: a command and its own flags
};

// Reads `words` by the flags of `table`. Throws UsageError: an unknown flag, a value that is missing.
[[nodiscard]] Arguments parse(std::span<const char* const> words, std::span<const Flag> table,
                              Rest rest);

// How many of `words` are global flags (and their values) in front of a verb; nothing if what
// follows them is no verb: then the words are not an OCI runtime's.
[[nodiscard]] std::optional<std::size_t> find_verb(std::span<const char* const> words);

// Whether --version stands where a verb would: engines put their global flags before it.
[[nodiscard]] bool asks_for_version(std::span<const char* const> words);

// Its help, taken apart: the value, as written in front of it ("FILE: where ..."), and the rest.
struct FlagWords {
  std::string_view value, text;  // value: empty if it takes none
};
[[nodiscard]] FlagWords words_of(const Flag& flag);

// Lines of help for it: "  --name, -n VALUE   text".
[[nodiscard]] std::string flag_text(const Flag& flag);

// The flags that stand before the verb.
[[nodiscard]] std::span<const Flag> global_flags();

}  // namespace mydocker::oci
