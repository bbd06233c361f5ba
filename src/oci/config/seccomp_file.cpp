#include "oci/config/seccomp_file.hpp"

#include <algorithm>

#include "helpers/names.hpp"
#include "helpers/numbers.hpp"
#include "helpers/text.hpp"
#include "oci/config/sections.hpp"
#include "oci/config/words.hpp"

namespace mydocker::oci {
namespace {

#if defined(__aarch64__)
constexpr std::string_view kMachine = "arm64", kArchitecture = "SCMP_ARCH_AARCH64";
#else
constexpr std::string_view kMachine = "amd64", kArchitecture = "SCMP_ARCH_X86_64";
#endif

template <class Holds>
bool any(const Value& list, const Holds& holds) {
  const auto all = list.elements();
  return std::any_of(all.begin(), all.end(), [&](const Value& one) {
    const std::string* const word = one.text();
    return word != nullptr && holds(*word);
  });
}

// Docker's rules: what `includes` names must all be so, what `excludes` names must not.
class Conditions {
 public:
  explicit Conditions(const ProfileReader& reader) : reader_(reader) {}

  [[nodiscard]] bool hold(const Value& rule) const {
    const Value includes = rule["includes"], excludes = rule["excludes"];
    const auto lacks = [this](const std::string& name) { return !has(name); };
    const auto arches = includes["arches"];
    if (arches.is_given() && !arches.elements().empty() && !any(arches, is_machine)) return false;
    if (any(includes["caps"], lacks)) return false;
    if (includes["minKernel"].is_given() && !is_new_enough(includes["minKernel"])) return false;
    if (any(excludes["arches"], is_machine)) return false;
    if (any(excludes["caps"], [this](const std::string& name) { return has(name); })) return false;
    return !excludes["minKernel"].is_given() || !is_new_enough(excludes["minKernel"]);
  }

 private:
  static bool is_machine(const std::string& name) { return name == kMachine; }

  [[nodiscard]] bool has(const std::string& name) const {
    const auto number = names::parse_capability(name);
    const auto& held = reader_.capabilities;
    return number && std::find(held.begin(), held.end(), *number) != held.end();
  }

  // "4.8"
  [[nodiscard]] bool is_new_enough(const Value& version) const {
    const std::string* const text = version.text();
    if (text == nullptr) return true;
    constexpr std::uint64_t kMost = 100000;
    const auto parts = text::split(*text, '.');
    const auto major = numbers::parse(parts[0], kMost);
    const auto minor = parts.size() > 1 ? numbers::parse(parts[1], kMost) : 0;
    if (!major || !minor) {
      version.refuse("allowed are versions, as 4.8");
      return true;
    }
    return std::pair(std::uint64_t{reader_.kernel_major}, std::uint64_t{reader_.kernel_minor}) >=
           std::pair(*major, *minor);
  }

  const ProfileReader& reader_;
};

// Of the engines' map from machines to architectures the entry of this one.
void read_map(const Value& map, std::vector<std::string>& out) {
  for (const Value& each : map.elements()) {
    const std::string* const name = each["architecture"].text();
    if (name == nullptr || *name != kArchitecture) continue;
    out.push_back(*name);
    each["subArchitectures"].into(out);
  }
}

template <class T, std::size_t N>
std::string word_of(const Word<T> (&words)[N], T value) {
  for (const auto& [word, meaning] : words) {
    if (meaning == value) return std::string(word);
  }
  return {};
}

std::string array(const std::vector<std::string>& words) {
  std::vector<std::string> quoted;
  for (const auto& word : words) quoted.push_back(text::json_string(word));
  return "[" + text::join(quoted, ", ") + "]";
}

std::string rule_json(const SeccompRule& rule) {
  std::string out = "    {\"names\": " + array(rule.names) +
                    ", \"action\": " + text::json_string(word_of(kSeccompActions, rule.action));
  if (rule.error) out += ", \"errnoRet\": " + std::to_string(*rule.error);
  std::vector<std::string> arguments;
  for (const auto& one : rule.arguments) {
    arguments.push_back("{\"index\": " + std::to_string(one.index) +
                        ", \"value\": " + std::to_string(one.value) +
                        ", \"valueTwo\": " + std::to_string(one.value_two) +
                        ", \"op\": " + text::json_string(word_of(kSeccompOperators, one.op)) + "}");
  }
  if (!arguments.empty()) out += ", \"args\": [" + text::join(arguments, ", ") + "]";
  return out + "}";
}

}  // namespace

SeccompProfile load_seccomp_profile(std::string_view text, const ProfileReader& reader) {
  Document document(text);
  const Value file = document.top();
  const Conditions conditions(reader);
  SeccompProfile out =
      read_profile(file, [&conditions](const Value& rule) { return conditions.hold(rule); });
  read_map(file["archMap"], out.architectures);
  static_cast<void>(document.finish());
  return out;
}

std::string seccomp_json(const SeccompProfile& profile) {
  std::string out = "{\n  \"defaultAction\": " +
                    text::json_string(word_of(kSeccompActions, profile.default_action)) + ",\n";
  if (profile.default_error)
    out += "  \"defaultErrnoRet\": " + std::to_string(*profile.default_error) + ",\n";
  out += "  \"architectures\": " + array(profile.architectures) + ",\n  \"syscalls\": [\n";
  std::vector<std::string> rules;
  for (const auto& rule : profile.rules) rules.push_back(rule_json(rule));
  return out + text::join(rules, ",\n") + "\n  ]\n}\n";
}

}  // namespace mydocker::oci
