#include "cni/network_list.hpp"

#include <algorithm>

#include "cni/json.hpp"
#include "helpers/addresses.hpp"
#include "helpers/text.hpp"

namespace mydocker::cni {
namespace {

constexpr std::string_view kVersions[] = {"0.3.0", "0.3.1", "0.4.0", "1.0.0"};
constexpr const char* kPorts = "portMappings";

bool is_name(std::string_view word) {
  const auto is_plain = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
  };
  return !word.empty() && is_plain(word.front()) &&
         std::all_of(word.begin(), word.end(),
                     [&](char c) { return is_plain(c) || c == '_' || c == '.' || c == '-'; });
}

// The older specifications have the word, this one has a truth value.
bool is_true(const Json& json, const char* key) {
  const auto found = json.find(key);
  return found != json.end() && (*found == true || *found == "true");
}

bool takes_ports(const Json& plugin) {
  const auto capabilities = plugin.find("capabilities");
  return capabilities != plugin.end() && capabilities->is_object() &&
         is_true(*capabilities, kPorts);
}

CniPlugin plugin_of(Json plugin, const CniNetwork& network) {
  if (!plugin.is_object()) throw ConfigError("plugins: each has to be an object");
  CniPlugin out{.type = text_at(plugin, "type"), .takes_ports = takes_ports(plugin)};
  // The name of a file: a path would lead out of the plugins' folders.
  if (out.type.empty() || out.type.find('/') != std::string::npos)
    throw ConfigError("plugins: type " + text::quoted(out.type) + ": has to be a file's name");
  for (const char* const key :
       {"capabilities", "runtimeConfig", "prevResult", "name", "cniVersion"})
    plugin.erase(key);
  Json config = {{"cniVersion", network.version}, {"name", network.name}};
  config.update(plugin);
  out.config = dumped(config);
  return out;
}

}  // namespace

std::string name_in(std::string_view text) { return text_at(parsed(text), "name"); }

CniNetwork parse_network(std::string_view text) {
  Json json = parsed(text);
  if (!json.is_object()) throw ConfigError("it has to be a JSON object");
  CniNetwork out;
  out.name = text_at(json, "name");
  out.version = text_at(json, "cniVersion");
  if (!is_name(out.name))
    throw ConfigError("name " + text::quoted(out.name) +
                      ": allowed are letters, digits, '_', '.', '-', the first a letter or digit");
  if (std::find(std::begin(kVersions), std::end(kVersions), out.version) == std::end(kVersions))
    throw ConfigError("cniVersion " + text::quoted(out.version) +
                      ": allowed are 0.3.0, 0.3.1, 0.4.0 and 1.0.0");
  out.may_check = !out.version.starts_with("0.3") && !is_true(json, "disableCheck");
  if (!json.contains("plugins")) {
    out.plugins.push_back(plugin_of(std::move(json), out));
    return out;
  }
  for (auto& plugin : list_at(json, "plugins")) out.plugins.push_back(plugin_of(plugin, out));
  if (out.plugins.empty()) throw ConfigError("plugins: there is none");
  return out;
}

void publish(const std::vector<PublishedPort>& ports, CniNetwork& network) {
  if (ports.empty()) return;
  Json list = Json::array();
  for (const auto& port : ports) {
    list.push_back({{"hostPort", port.host},
                    {"containerPort", port.container},
                    {"protocol", port.transport == Transport::udp ? "udp" : "tcp"},
                    {"hostIP", addresses::text(port.address)}});
  }
  bool is_taken = false;
  for (auto& plugin : network.plugins) {
    if (!plugin.takes_ports) continue;
    Json config = parsed(plugin.config);
    config["runtimeConfig"][kPorts] = list;
    plugin.config = dumped(config);
    is_taken = true;
  }
  if (!is_taken)
    throw ConfigError("no plugin of this network publishes ports: add one with the capability " +
                      std::string(kPorts) + " to its list, as portmap");
}

}  // namespace mydocker::cni
