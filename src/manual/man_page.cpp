#include <cstring>
#include <functional>
#include <map>
#include <stdexcept>

#include "helpers/names.hpp"
#include "helpers/text.hpp"
#include "manual/command_line.hpp"
#include "seccomp/allowlist.hpp"

namespace mydocker::manual {
namespace {

// A user's '-' is no hyphen, a backslash begins a request, and so does '.' or ''' in front of a line.
std::string escaped(std::string_view text) {
  std::string out = text::replaced(std::string(text), "\\", "\\e");
  out = text::replaced(out, "-", "\\-");
  return out.starts_with('.') || out.starts_with('\'') ? "\\&" + out : out;
}

std::string bold(std::string_view text) { return "\\fB" + escaped(text) + "\\fR"; }
std::string italic(std::string_view text) { return "\\fI" + escaped(text) + "\\fR"; }

std::string entry(const std::string& head, std::string_view text) {
  return ".TP\n" + head + "\n" + escaped(text) + ".\n";
}

std::string options_of(const std::vector<OptionText>& options, std::string_view level) {
  std::string out, group;
  for (const auto& option : options) {
    if (option.group != group) out += std::string(level) + " " + option.group + "\n";
    group = option.group;
    std::vector<std::string> names;
    for (const auto& name : option.names) names.push_back(bold(name));
    const std::string value = option.value.empty() ? "" : " " + italic(option.value);
    out += entry(text::join(names, ", ") + value,
                 option.help + (option.repeats ? "; again for more" : ""));
  }
  return out;
}

std::string verbs_of(const std::vector<VerbText>& verbs) {
  std::string out;
  for (const auto& verb : verbs) {
    out += ".SS " + escaped(verb.name) + (verb.words.empty() ? "" : " " + escaped(verb.words)) +
           "\n" + escaped(verb.summary) + "\n" + options_of(verb.flags, ".PP");
  }
  return out;
}

std::string allowed_calls() {
  std::vector<std::string> names;
  for (const auto calls : {seccomp::allowed_files(), seccomp::allowed_processes()}) {
    for (const auto& call : calls) names.emplace_back(call.name);
  }
  return text::join(names, ",\n") + ".\n";
}

std::string conditional_calls() {
  std::vector<std::string> names;
  for (const auto name : seccomp::conditional_calls()) names.push_back(bold(name));
  return text::join(names, ",\n") + ".\n";
}

std::string refused_calls() {
  constexpr int kCapabilities = 64;
  std::string out;
  for (const auto& call : seccomp::refused_calls()) {
    std::vector<int> lifting;
    for (int each = 0; each < kCapabilities; ++each) {
      if ((call.lifted_by >> each & 1) != 0) lifting.push_back(each);
    }
    const std::string unless =
        lifting.empty() ? "" : "; allowed with " + names::capabilities(lifting);
    out += entry(bold(call.name),
                 std::string(strerrorname_np(call.error)) + ": " + std::string(call.why) + unless);
  }
  return out;
}

}  // namespace

std::string man_page(std::string page, const CommandLine& line) {
  const std::map<std::string, std::function<std::string()>> tables = {
      {"@VERSION@", [] { return std::string(MYDOCKER_VERSION); }},
      {"@OPTIONS@", [&] { return options_of(line.options, ".SS"); }},
      {"@VERBS@", [&] { return verbs_of(line.own); }},
      {"@GLOBAL_FLAGS@", [&] { return options_of(line.global, ".PP"); }},
      {"@OCI_VERBS@", [&] { return verbs_of(line.oci); }},
      {"@ALLOWED_CALLS@", allowed_calls},
      {"@CONDITIONAL_CALLS@", conditional_calls},
      {"@REFUSED_CALLS@", refused_calls},
  };
  for (const auto& [name, table] : tables) {
    if (page.find(name) == std::string::npos) continue;
    // The table ends its own line.
    page = text::replaced(page, name + "\n", name == "@VERSION@" ? table() + "\n" : table());
    page = text::replaced(page, name, table());
  }
  if (const auto at = page.find('@'); at != std::string::npos)
    throw std::runtime_error("no table of this name: " + page.substr(at, page.find('\n', at) - at));
  return page;
}

}  // namespace mydocker::manual
