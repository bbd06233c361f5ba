#include "cli/help.hpp"

#include "cli/options.hpp"
#include "cli/verbs.hpp"
#include "helpers/columns.hpp"
#include "helpers/text.hpp"
#include "life/verbs.hpp"
#include "oci/verbs.hpp"

namespace mydocker::cli {
namespace {

std::string option_line(const OptionText& option) {
  // A long name stands in its own column, with or without a short one before it.
  const std::string left = (option.names.front().starts_with("--") ? "      " : "  ") +
                           text::join(option.names, ", ") +
                           (option.value.empty() ? "" : " " + option.value);
  return columns::row(left, option.help + (option.repeats ? "; again for more" : ""));
}

std::string verb_line(std::string_view name, std::string_view words, std::string_view summary) {
  return columns::row("  " + std::string(name) + " " + std::string(words), summary);
}

}  // namespace

std::string help_text() {
  std::string out =
      "Usage: sudo MyDocker <options> <entrypoint>\n"
      "       MyDocker <verb> ...          'MyDocker <verb> --help' tells more\n";
  std::string group;
  for (const auto& option : option_texts()) {
    if (option.group != group) out += "\n" + option.group + ":\n";
    group = option.group;
    out += option_line(option);
  }
  out += "\nVerbs:\n";
  for (const auto* const verb : verbs()) out += verb_line(verb->name, verb->words, verb->summary);
  out += "\nVerbs for containers that go on:\n";
  for (const auto* const verb : life::verbs())
    out += verb_line(verb->name, verb->words, verb->summary);
  out += "\nVerbs of an OCI runtime:\n";
  for (const auto* const verb : oci::verbs())
    out += verb_line(verb->name, verb->words, verb->summary);
  return out;
}

}  // namespace mydocker::cli
