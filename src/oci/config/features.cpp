#include "oci/config/features.hpp"

#include <algorithm>

#include "helpers/text.hpp"
#include "oci/config/mount_options.hpp"
#include "oci/config/sections.hpp"
#include "oci/config/words.hpp"

namespace mydocker::oci {
namespace {

using Members = std::vector<std::pair<const char*, std::string>>;

std::string indented(const std::string& json) { return text::replaced(json, "\n", "\n  "); }

std::string object(const Members& members) {
  std::string out;
  for (const auto& [name, json] : members) {
    out.append(out.empty() ? "{\n  " : ",\n  ");
    out.append(text::json_string(name)).append(": ").append(indented(json));
  }
  return out + "\n}";
}

std::string array(const std::vector<std::string>& words) {
  std::string out;
  for (const auto& word : words)
    out.append(out.empty() ? "[\n  " : ",\n  ").append(text::json_string(word));
  return out.empty() ? "[]" : out + "\n]";
}

template <class T, std::size_t N>
std::string words(const Word<T> (&table)[N]) {
  std::vector<std::string> out;
  for (const auto& [word, value] : table) out.emplace_back(word);
  return array(out);
}

std::string capability_names() {
  std::vector<std::string> out;
  for (std::string name : known_capabilities()) {
    std::transform(name.begin(), name.end(), name.begin(), [](char c) {
      return c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
    });
    out.push_back("CAP_" + name);
  }
  return array(out);
}

std::string linux_features() {
  const std::string enabled = object({{"enabled", "true"}});
  return object({
      {"namespaces", words(kNamespaces)},
      {"capabilities", capability_names()},
      {"cgroup", object({{"v1", "true"},
                         {"v2", "true"},
                         {"systemd", "true"},
                         {"systemdUser", "false"},
                         {"rdma", "true"}})},
      {"seccomp", object({{"enabled", "true"},
                          {"actions", words(kSeccompActions)},
                          {"operators", words(kSeccompOperators)},
                          {"archs", words(kSeccompArchitectures)},
                          {"knownFlags", words(kSeccompFlags)},
                          {"supportedFlags", words(kSeccompFlags)}})},
      {"apparmor", enabled},
      {"selinux", enabled},
      {"intelRdt", object({{"enabled", "true"}, {"schemata", "true"}, {"monitoring", "true"}})},
      {"memoryPolicy",
       object({{"modes", words(kMemoryPolicyModes)}, {"flags", words(kMemoryPolicyFlags)}})},
      {"mountExtensions", object({{"idmap", enabled}})},
      {"netDevices", enabled},
  });
}

}  // namespace

std::string version_text() {
  return "MyDocker " MYDOCKER_VERSION "\nspec: " + std::string(kNewestVersion) + "\n";
}

std::string features_json() {
  return object({
             {"ociVersionMin", text::json_string(kOldestVersion)},
             {"ociVersionMax", text::json_string(kNewestVersion)},
             {"hooks", words(kHooks)},
             {"mountOptions", array(mount_option_names())},
             {"linux", linux_features()},
             {"annotations", object({{"mydocker.version", text::json_string(MYDOCKER_VERSION)}})},
             // No annotation changes what a container may do.
             {"potentiallyUnsafeConfigAnnotations", "[]"},
         }) +
         "\n";
}

}  // namespace mydocker::oci
