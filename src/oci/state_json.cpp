#include "oci/state_json.hpp"

#include <nlohmann/json.hpp>

#include "oci/verbs.hpp"

namespace mydocker::oci {
namespace {

using Json = nlohmann::ordered_json;

// Bytes that are no UTF-8 must not make the writing fail.
std::string dumped(const Json& json, bool pretty = false) {
  return json.dump(pretty ? 2 : -1, ' ', false, Json::error_handler_t::replace);
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
