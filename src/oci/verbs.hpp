// The verbs of an OCI runtime: one file each in verbs/.
#pragma once

#include <span>
#include <stdexcept>
#include <string>
#include <string_view>

#include "mydocker/spec.hpp"
#include "oci/log.hpp"
#include "oci/options.hpp"

namespace mydocker::oci {

// What the flags before the verb say.
struct Global {
  std::string root;  // the folder of all states
  bool has_cgroups = true;
  CgroupDriver driver = CgroupDriver::cgroupfs;
  bool rootless = false;
};

struct Surroundings {
  const Global& global;
  Log& log;
  std::span<const char* const> words;  // all of the command line, behind the program's name
};

struct Verb {
  std::string_view name;
  std::string_view summary;
  std::span<const Flag> flags;
  Rest rest;
  std::size_t least_words, most_words;  // behind the flags
  std::string_view words;               // what they are: "ID [SIGNAL]"
  // Gives the exit status. Throws UsageError, ConfigError, SetupError, Failure.
  int (*run)(const Surroundings& around, const Arguments& arguments);
};

// In the order of a container's life.
[[nodiscard]] std::span<const Verb* const> verbs();

// Null if there is no such verb.
[[nodiscard]] const Verb* find_verb_named(std::string_view name);

// A verb that cannot do what it is asked; what() is the line that callers match on.
class Failure : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

extern const Verb create_verb, start_verb, state_verb, kill_verb, delete_verb, run_verb, exec_verb,
    list_verb, ps_verb, pause_verb, resume_verb, update_verb, events_verb, spec_verb, features_verb,
    checkpoint_verb, restore_verb;

}  // namespace mydocker::oci
