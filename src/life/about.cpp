#include "life/about.hpp"

#include <sys/resource.h>

#include <nlohmann/json.hpp>

#include "helpers/addresses.hpp"
#include "helpers/text.hpp"
#include "oci/config/load.hpp"
#include "oci/config/seccomp_file.hpp"

namespace mydocker::life {
namespace {

using Json = nlohmann::json;

// By hand: it is made in each start, and the library's first object takes its time.
std::string array(const std::vector<std::string>& words) {
  std::vector<std::string> quoted;
  for (const auto& word : words) quoted.push_back(text::json_string(word));
  return "[" + text::join(quoted, ", ") + "]";
}

template <class Number>
std::string numbers_of(const std::vector<Number>& numbers) {
  std::vector<std::string> words;
  for (const auto number : numbers) words.push_back(std::to_string(number));
  return "[" + text::join(words, ", ") + "]";
}

std::string truth(bool value) { return value ? "true" : "false"; }

constexpr std::string_view kDefault = "default", kDefault32 = "default with --abi32",
                           kOriginal = "original", kUnconfined = "unconfined";

std::string seccomp_text(const SeccompChoice& choice) {
  if (const auto* const profile = std::get_if<SeccompProfile>(&choice))
    return text::replaced(oci::seccomp_json(*profile), "\n", "");
  std::string_view name = kUnconfined;
  if (const auto* const list = std::get_if<DefaultAllowlist>(&choice))
    name = list->abi32 ? kDefault32 : kDefault;
  else if (std::holds_alternative<OriginalDenylist>(choice))
    name = kOriginal;
  return text::json_string(name);
}

SeccompChoice seccomp_in(const Json& json) {
  if (json.is_object()) return oci::load_seccomp_profile(json.dump(), {});
  const auto name = json.get<std::string>();
  if (name == kDefault || name == kDefault32) return DefaultAllowlist{name == kDefault32};
  if (name == kOriginal) return OriginalDenylist{};
  if (name == kUnconfined) return Unconfined{};
  throw std::runtime_error("no list of that name");
}

std::vector<std::string> ports_of(const ContainerSpec& spec) {
  std::vector<std::string> out;
  for (const auto& port : spec.network.ports) out.push_back(port_text(port));
  return out;
}

void read_process(const Json& all, Process& process) {
  const Json& user = all.at("user");
  user.at("uid").get_to(process.user.uid);
  user.at("gid").get_to(process.user.gid);
  user.at("groups").get_to(process.user.groups);
  process.workdir = all.at("workdir");
  all.at("environment").get_to(process.environment);
  all.at("capabilities").get_to(process.capabilities.bounding);
  all.at("ambient_capabilities").get_to(process.capabilities.ambient);
  process.rlimits = {{RLIMIT_CORE, 0, 0}};
}

About read(const Json& all) {
  About out;
  out.root = all.at("root");
  out.image = all.at("image").is_null() ? "" : all.at("image").get<std::string>();
  out.network = all.at("network");
  out.cgroup = all.at("cgroup").is_null() ? "" : all.at("cgroup").get<std::string>();
  all.at("command").get_to(out.command);
  all.at("ports").get_to(out.ports);
  out.has_user_namespace = all.at("user_namespace");
  out.has_init = all.at("init");
  out.stop_signal = all.at("stop_signal");
  read_process(all, out.process);
  out.seccomp = seccomp_in(all.at("seccomp"));
  out.open_to_others = all.at("open_to_others");
  all.at("landlock_ro").get_to(out.files.read_only);
  all.at("landlock_rw").get_to(out.files.read_write);
  return out;
}

}  // namespace

std::string port_text(const PublishedPort& port) {
  const std::string address = addresses::text(port.address);
  return (port.address.family == AF_INET6 ? "[" + address + "]" : address) + ":" +
         std::to_string(port.host) + "->" + std::to_string(port.container) +
         (port.transport == Transport::udp ? "/udp" : "/tcp");
}

std::string remembered(const ContainerSpec& spec, const std::string& image) {
  const Process& process = spec.process;
  const FileAccess files = spec.file_access.value_or(FileAccess{});
  return "\"image\": " + (image.empty() ? "null" : text::json_string(image)) +
         ", \"ports\": " + array(ports_of(spec)) +
         ", \"user_namespace\": " + truth(spec.namespaces.user.is_new()) +
         ", \"init\": " + truth(process.init) +
         ", \"stop_signal\": " + std::to_string(process.stop_signal) +
         ", \"user\": {\"uid\": " + std::to_string(process.user.uid) +
         ", \"gid\": " + std::to_string(process.user.gid) +
         ", \"groups\": " + numbers_of(process.user.groups) +
         "}, \"workdir\": " + text::json_string(process.workdir) +
         ", \"environment\": " + array(process.environment) +
         ", \"capabilities\": " + numbers_of(process.capabilities.bounding) +
         ", \"ambient_capabilities\": " + numbers_of(process.capabilities.ambient) +
         ", \"seccomp\": " + seccomp_text(spec.seccomp) +
         ", \"open_to_others\": " + text::json_string(spec.open_to_others) +
         ", \"landlock_ro\": " + array(files.read_only) +
         ", \"landlock_rw\": " + array(files.read_write);
}

std::optional<About> about_in(std::string_view object) {
  const Json all = Json::parse(object, nullptr, false);
  if (!all.is_object()) return std::nullopt;
  try {
    return read(all);
  } catch (const Json::exception&) {
    return std::nullopt;
  } catch (const std::runtime_error&) {  // the profile is none
    return std::nullopt;
  }
}

}  // namespace mydocker::life
