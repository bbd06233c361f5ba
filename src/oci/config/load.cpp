#include "oci/config/load.hpp"

#include <algorithm>

#include "helpers/numbers.hpp"
#include "helpers/text.hpp"
#include "oci/config/document.hpp"
#include "oci/config/sections.hpp"

namespace mydocker::oci {
namespace {

// What a config.json that says nothing asks for; MyDocker's own defaults are stricter.
Process plain_process(const LoadOptions& options) {
  Process out;
  out.make_workdir = true;
  out.no_new_privileges = false;
  out.new_keyring = options.new_keyring;
  out.kept_descriptors = options.kept_descriptors;
  return out;
}

ContainerSpec plain_spec(const LoadOptions& options) {
  ContainerSpec out;
  out.id = options.id;
  out.hostname.clear();
  out.process = plain_process(options);
  out.root.flags = {};
  out.masks.file = Masks::File::empty;
  out.seccomp = Unconfined{};
  out.lifetime = Lifetime::its_own;
  return out;
}

// "1.0.2-dev+build": three numbers without leading zeros, then what semver.org allows.
bool is_semantic_version(std::string_view version) {
  const auto tail = std::min(version.find_first_of("-+"), version.size());
  const auto numbers = text::split(version.substr(0, tail), '.');
  const bool are_numbers = std::all_of(numbers.begin(), numbers.end(), [](std::string_view number) {
    return numbers::parse(number) && (number.size() == 1 || number.front() != '0');
  });
  const auto rest = version.substr(tail);
  return numbers.size() == 3 && are_numbers && rest.size() != 1 &&
         std::all_of(rest.begin(), rest.end(), [](char c) {
           return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') ||
                  c == '-' || c == '+' || c == '.';
         });
}

// A newer minor version adds properties, and unknown properties are passed over.
std::string read_version(const Value& version) {
  const std::string* const came = version.required().text();
  if (came == nullptr) return {};
  if (!is_semantic_version(*came))
    version.refuse("has to be a version as in 1.3.0");
  else if (!came->starts_with("1."))
    version.refuse("of another major version; allowed are 1.x");
  return *came;
}

void read_annotations(const Value& annotations, ContainerSpec& spec) {
  for (const auto& [key, value] : annotations.members()) {
    if (key.empty()) value.refuse_place("the key is empty");
    std::string text;
    if (value.into(text)) spec.annotations.emplace_back(key, std::move(text));
  }
}

// Until 1.2 Go's encoders wrote 0 where nobody had asked for a limit; from 1.3 on it is one.
ZeroPids zero_pids_of(std::string_view version) {
  const auto parts = text::split(version, '.');
  const auto minor = parts.size() < 2 ? std::nullopt : numbers::parse(parts[1]);
  return minor && *minor < 3 ? ZeroPids::is_not_given : ZeroPids::is_a_limit;
}

void read_linux(const Value& file, const std::string& version, const LoadOptions& options,
                ContainerSpec& spec) {
  const Value section = file["linux"];
  read_masks(section, spec.masks);
  section["mountLabel"].into(spec.mount_label);
  read_devices(section["devices"], spec);
  read_network_devices(section["netDevices"], spec);
  read_cgroup(section, options, zero_pids_of(version), spec);
  read_sysctls(section["sysctl"], spec);
  read_personality(section["personality"], spec.process);
  read_memory_policy(section["memoryPolicy"], spec.process);
  read_intel_rdt(section["intelRdt"], spec);
  read_seccomp(section["seccomp"], spec);
}

}  // namespace

LoadedConfig load_config(std::string_view text, const LoadOptions& options) {
  Document document(text);
  const Value file = document.top();
  LoadedConfig out;
  out.spec = plain_spec(options);
  out.version = read_version(file["ociVersion"]);
  read_namespaces(file["linux"], out.spec);
  out.has_process = file["process"].is_given();
  if (out.has_process) {
    read_process(file["process"], out.spec.process);
    check_user(file["process"]["user"], out.spec);
  }
  read_root(file, options, out.spec.root);
  read_names(file, out.spec);
  read_mounts(file["mounts"], options, out.spec);
  read_linux(file, out.version, options, out.spec);
  read_hooks(file["hooks"], out.spec.hooks);
  read_annotations(file["annotations"], out.spec);
  out.warnings = document.finish();
  return out;
}

LoadedProcess load_process(std::string_view text, const LoadOptions& options) {
  Document document(text);
  LoadedProcess out{plain_process(options), {}};
  read_process(document.top(), out.process);
  out.warnings = document.finish();
  return out;
}

Resources load_resources(std::string_view text) {
  Document document(text);
  // The file has no version, and a guess shall not keep a running container from forking.
  Resources out = read_resources(document.top(), ZeroPids::is_not_given);
  // There are no warnings of resources.
  static_cast<void>(document.finish());
  return out;
}

}  // namespace mydocker::oci
