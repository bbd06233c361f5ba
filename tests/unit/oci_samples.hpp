// A small config.json, changed by what a test says, so that each says only what matters to it.
#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "oci/config/load.hpp"

namespace mydocker::test {

using Lines = std::vector<std::string>;

inline oci::LoadOptions load_options() {
  oci::LoadOptions out;
  out.id = "box";
  out.bundle = "/srv/bundle";
  return out;
}

// What has to be there, and the namespaces that other properties need.
inline constexpr const char* kSmallConfig = R"({
  "ociVersion": "1.3.0",
  "process": {"args": ["sh"], "cwd": "/", "user": {"uid": 0, "gid": 0}},
  "root": {"path": "rootfs"},
  "linux": {"namespaces": [{"type": "mount"}, {"type": "pid"}]}
})";

// The small config with `patch` merged into it (RFC 7396: arrays are replaced, null removes).
inline std::string config_with(const std::string& patch) {
  auto config = nlohmann::json::parse(kSmallConfig);
  config.merge_patch(nlohmann::json::parse(patch));
  return config.dump();
}

inline oci::LoadedConfig loaded(const std::string& patch) {
  return oci::load_config(config_with(patch), load_options());
}

inline ContainerSpec spec_with(const std::string& patch) { return loaded(patch).spec; }

template <class Load>
Lines problems_in(Load load) {
  try {
    static_cast<void>(load());
  } catch (const oci::ConfigError& error) {
    return error.problems();
  }
  return {};
}

inline Lines problems_with(const std::string& patch) {
  return problems_in([&] { return loaded(patch); });
}

// A patch, and the only problem that it makes.
struct Refusal {
  const char* patch;
  const char* problem;
};

template <std::size_t N>
void expect_refused(const Refusal (&all)[N]) {
  for (const auto& [patch, problem] : all) EXPECT_EQ(problems_with(patch), Lines{problem}) << patch;
}

}  // namespace mydocker::test
