#include "image/config.hpp"

#include <algorithm>

#include "helpers/text.hpp"
#include "image/json.hpp"

namespace mydocker::image {
namespace {

constexpr std::size_t kMostLayers = 500;  // more cannot be mounted over each other

void check_environment(const std::vector<std::string>& environment) {
  constexpr std::size_t kMost = 10000;
  if (environment.size() > kMost) throw BadImage("it has too many variables");
  for (const auto& variable : environment) {
    if (variable.find('=') == std::string::npos || variable.front() == '=')
      throw BadImage("the variable " + text::quoted(variable) + " is not NAME=VALUE");
  }
}

}  // namespace

std::string digits_of(std::string_view digest) {
  constexpr std::string_view kAlgorithm = "sha256:";
  constexpr std::size_t kDigits = 64;
  const std::string_view digits =
      digest.starts_with(kAlgorithm) ? digest.substr(kAlgorithm.size()) : "";
  const bool good =
      digits.size() == kDigits && std::all_of(digits.begin(), digits.end(), [](char c) {
        return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f');
      });
  if (!good) throw BadImage("the digest " + text::quoted(digest) + " is not sha256 and 64 digits");
  return std::string(digits);
}

Config parse_config(std::string_view text) {
  const json::Json whole = json::parse(text, "its configuration");
  if (!whole.is_object()) throw BadImage("its configuration is no object");
  Config out;
  out.os = json::text_of(whole, "os");
  out.architecture = json::text_of(whole, "architecture");
  if (const json::Json* const root = json::member(whole, "rootfs")) {
    for (const auto& digest : json::texts_of(*root, "diff_ids"))
      out.diff_ids.push_back(digits_of(digest));
  }
  if (out.diff_ids.empty()) throw BadImage("it has no layers");
  if (out.diff_ids.size() > kMostLayers) throw BadImage("it has too many layers");
  const json::Json* const config = json::member(whole, "config");
  if (config == nullptr) return out;
  out.entrypoint = json::texts_of(*config, "Entrypoint");
  out.command = json::texts_of(*config, "Cmd");
  out.environment = json::texts_of(*config, "Env");
  check_environment(out.environment);
  out.user = json::text_of(*config, "User");
  out.workdir = json::text_of(*config, "WorkingDir");
  out.stop_signal = json::text_of(*config, "StopSignal");
  if (const json::Json* const ports = json::member(*config, "ExposedPorts");
      ports != nullptr && ports->is_object()) {
    for (const auto& [port, nothing] : ports->items()) out.ports.push_back(port);
  }
  return out;
}

}  // namespace mydocker::image
