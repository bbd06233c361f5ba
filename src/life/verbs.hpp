// The verbs for containers that run, and that have: one file each in verbs/.
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <string_view>

#include "life/containers.hpp"
#include "oci/options.hpp"

namespace mydocker::life {

struct Call {
  Places places;
  std::span<const char* const> words;  // all of the command line, behind the program's name
  std::size_t at = 0;                  // where the verb stands in them
  // What `words` hold behind the verb, by its flags.
  oci::Arguments arguments;
  [[nodiscard]] const std::vector<std::string>& ids() const { return arguments.words; }
};

struct Verb {
  std::string_view name;
  std::string_view summary;
  std::span<const oci::Flag> flags;
  oci::Rest rest;
  std::size_t least_words, most_words;  // behind the flags
  std::string_view words;               // what they are: "ID..."
  // Gives the exit status. Throws UsageError, SetupError, oci::Failure.
  int (*run)(const Call& call);
};

// In the order in which -h shows them.
[[nodiscard]] std::span<const Verb* const> verbs();

inline constexpr std::size_t kAny = 1000000;

// Does `act` for each of the ids, and tells of each that fails; the exit status.
int for_each(const Call& call, void (*act)(const Call& call, const std::string& id));

// What an OCI verb does with a container of its own. Throws oci::Failure if it fails.
void have_oci_do(const Call& call, std::initializer_list<std::string> words);

void print(std::string_view text);

extern const Verb ps_verb, logs_verb, stop_verb, kill_verb, wait_verb, rm_verb, exec_verb,
    pause_verb, unpause_verb, top_verb, stats_verb, gc_verb, state_verb, resume_verb, delete_verb;

}  // namespace mydocker::life
