#include "oci/state_json.hpp"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "helpers/text.hpp"
#include "oci/verbs.hpp"

namespace mydocker::oci {
namespace {

using Json = nlohmann::ordered_json;

// Bytes that are no UTF-8 must not make the writing fail; and in ASCII no name speaks to a terminal.
std::string dumped(const Json& json, bool pretty = false) {
  return json.dump(pretty ? 2 : -1, ' ', true, Json::error_handler_t::replace);
}

// What `delete` kills and removes must lie where MyDocker makes it, whoever wrote the file.
void require_sane(const State& state) {
  const auto refuse = [](const std::string& what) {
    throw Failure("the state of the container cannot be right: " + what);
  };
  const auto goes_up = [](std::string_view path) {
    const auto parts = text::split(path, '/');
    return std::find(parts.begin(), parts.end(), "..") != parts.end();
  };
  for (const auto& cgroup : state.cgroups) {
    const bool is_below = cgroup.path.find_first_not_of("/.") != std::string::npos;
    if ((cgroup.version != 1 && cgroup.version != 2) || !cgroup.top.starts_with('/') ||
        goes_up(cgroup.top) || goes_up(cgroup.path) || !is_below)
      refuse("cgroup " + text::quoted(cgroup.folder()));
  }
  for (const auto& folder : state.folders) {
    if (!folder.starts_with('/') || goes_up(folder)) refuse("folder " + text::quoted(folder));
  }
}

Json annotations_of(const State& state) {
  Json out = Json::object();
  for (const auto& [key, value] : state.annotations) out[key] = value;
  return out;
}

Json spec_state(const State& state, std::string_view status, pid_t pid) {
  Json out = {{"ociVersion", state.oci_version}, {"id", state.id}, {"status", status}};
  if (pid != 0) out["pid"] = pid;
  out["bundle"] = state.bundle;
  if (!state.annotations.empty()) out["annotations"] = annotations_of(state);
  return out;
}

}  // namespace

std::string to_json(const State& state) {
  Json cgroups = Json::array();
  for (const auto& [version, top, path, controllers] : state.cgroups) {
    cgroups.push_back(
        {{"version", version}, {"top", top}, {"path", path}, {"controllers", controllers}});
  }
  return dumped({{"ociVersion", state.oci_version},
                 {"id", state.id},
                 {"bundle", state.bundle},
                 {"rootfs", state.rootfs},
                 {"created", state.created},
                 {"owner", state.owner},
                 {"rootless", state.rootless},
                 {"cgroups", cgroups},
                 {"systemdUnit", state.systemd_unit},
                 {"folders", state.folders},
                 {"annotations", annotations_of(state)}});
}

State state_from_json(std::string_view text) {
  try {
    const Json json = Json::parse(text);
    State out;
    const auto read = [&json](const char* key, auto& value) {
      value = json.value(key, std::decay_t<decltype(value)>{});
    };
    read("ociVersion", out.oci_version);
    read("id", out.id);
    read("bundle", out.bundle);
    read("rootfs", out.rootfs);
    read("created", out.created);
    read("owner", out.owner);
    read("rootless", out.rootless);
    read("systemdUnit", out.systemd_unit);
    read("folders", out.folders);
    for (const auto& each : json.value("cgroups", Json::array())) {
      out.cgroups.push_back({each.value("version", 2), each.value("top", std::string()),
                             each.value("path", std::string()),
                             each.value("controllers", std::vector<std::string>{})});
    }
    const Json annotations = json.value("annotations", Json::object());
    for (const auto& [key, value] : annotations.items())
      out.annotations.emplace_back(key, value.get<std::string>());
    require_sane(out);
    return out;
  } catch (const nlohmann::json::exception& error) {
    throw Failure(std::string("the state of the container cannot be read: ") + error.what());
  }
}

std::string spec_state_json(const State& state, std::string_view status, pid_t pid) {
  return dumped(spec_state(state, status, pid));
}

std::string runtime_state_json(const State& state, std::string_view status, pid_t pid,
                               bool pretty) {
  Json out = spec_state(state, status, 0);
  out["pid"] = pid;
  out["rootfs"] = state.rootfs;
  out["created"] = state.created;
  out["owner"] = state.owner == 0 ? "" : std::to_string(state.owner);
  return dumped(out, pretty);
}

std::string listener_state_json(const State& state, std::string_view metadata, pid_t pid) {
  return dumped({{"ociVersion", state.oci_version},
                 {"fds", {"seccompFd"}},
                 {"pid", pid},
                 {"metadata", metadata},
                 {"state", spec_state(state, "creating", pid)}});
}

}  // namespace mydocker::oci
