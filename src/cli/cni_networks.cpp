#include "cli/cni_networks.hpp"

#include <unistd.h>

#include <algorithm>
#include <cstdlib>

#include "cni/network_list.hpp"
#include "helpers/text.hpp"
#include "mydocker/error.hpp"
#include "sys/files.hpp"

namespace mydocker::cli {
namespace {

constexpr const char* kFolder = "/etc/cni/net.d";
constexpr const char* kPlugins = "/opt/cni/bin:/usr/lib/cni:/usr/libexec/cni";

std::string variable(const char* name, const char* otherwise) {
  const char* const value = std::getenv(name);
  return value != nullptr && value[0] != '\0' ? value : otherwise;
}

std::vector<std::string> files_in(const std::string& folder) {
  std::vector<std::string> out;
  for (auto& name : sys::names_in(folder)) {
    if (name.ends_with(".conflist") || name.ends_with(".conf") || name.ends_with(".json"))
      out.push_back(std::move(name));
  }
  std::sort(out.begin(), out.end());
  return out;
}

// A file of somebody else's that is no JSON does not keep this one from being found.
std::string name_in(const std::string& text, const std::string& file,
                    std::vector<std::string>& complaints) {
  try {
    return cni::name_in(text);
  } catch (const cni::ConfigError& error) {
    complaints.push_back(file + ": " + error.what());
    return {};
  }
}

void find_plugins(CniNetwork& network) {
  network.path = variable("CNI_PATH", kPlugins);
  for (auto& plugin : network.plugins) {
    for (const auto folder : text::split(network.path, ':')) {
      const std::string file = std::string(folder) + "/" + plugin.type;
      if (folder.starts_with('/') && ::access(file.c_str(), X_OK) == 0) {
        plugin.file = file;
        break;
      }
    }
    if (plugin.file.empty())
      throw UsageError("--network " + text::quoted("cni:" + network.name) + ": the plugin " +
                       text::quoted(plugin.type) + " is in none of " + network.path +
                       ": install it, as by the package containernetworking-plugins, or set "
                       "CNI_PATH");
  }
}

// Empty, and a complaint, if it cannot be read: it may be another network's.
std::string read(const std::string& path, std::vector<std::string>& complaints) {
  try {
    return sys::read_file(path);
  } catch (const std::system_error& error) {
    complaints.push_back(path + ": " + errno_text(error.code().value()));
    return {};
  }
}

}  // namespace

CniNetwork find_cni_network(const std::string& name) {
  const std::string folder = variable("NETCONFPATH", kFolder);
  const std::string option = "--network " + text::quoted("cni:" + name) + ": ";
  std::vector<std::string> complaints, names;
  for (const auto& file : files_in(folder)) {
    const std::string path = folder + "/" + file;
    const std::string content = read(path, complaints);
    const std::string found = content.empty() ? "" : name_in(content, path, complaints);
    if (found != name) {
      if (!found.empty()) names.push_back(found);
      continue;
    }
    try {
      CniNetwork network = cni::parse_network(content);
      find_plugins(network);
      return network;
    } catch (const cni::ConfigError& error) {
      throw UsageError(option + path + ": " + error.what());
    }
  }
  throw UsageError(option + "no file in " + folder + " configures it; there are: " +
                   (names.empty() ? "none" : text::join(names, ", ")) +
                   (complaints.empty() ? "" : "\n" + text::join(complaints, "\n")));
}

}  // namespace mydocker::cli
