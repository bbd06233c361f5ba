// The OCI front end's way in: a config.json becomes a ContainerSpec. Pure: nothing is asked of the
// host.
#pragma once

#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include "mydocker/spec.hpp"

namespace mydocker::oci {

// What a spec needs and no config.json says.
struct LoadOptions {
  std::string id;
  std::string bundle;  // absolute: relative paths of the file begin here
  bool new_keyring = true;
  std::vector<unsigned> kept_descriptors;
  CgroupDriver driver = CgroupDriver::cgroupfs;
  bool cgroups = true;  // false: none is made, whatever the file says
  bool rootless = false;
};

struct LoadedConfig {
  std::string version;  // the file's ociVersion
  ContainerSpec spec;
  bool has_process = false;  // without one it can be created, but not started
  std::vector<std::string> warnings;
};

struct LoadedProcess {
  Process process;
  std::vector<std::string> warnings;
};

// All that is wrong with a file, a line each, in the order of the file's sections:
// "linux.resources.memory.limit: -5: allowed are -1 to 9223372036854775807". what() is the lines.
class ConfigError : public std::runtime_error {
 public:
  explicit ConfigError(std::vector<std::string> problems);
  [[nodiscard]] const std::vector<std::string>& problems() const noexcept { return problems_; }

 private:
  std::vector<std::string> problems_;
};

// All three throw ConfigError.
[[nodiscard]] LoadedConfig load_config(std::string_view text, const LoadOptions& options);

// A process alone, as in the file that `exec --process` names. Of the options the keyring and the
// kept descriptors count.
[[nodiscard]] LoadedProcess load_process(std::string_view text, const LoadOptions& options);

// `linux.resources` alone, as in the file that `update --resources` names.
[[nodiscard]] Resources load_resources(std::string_view text);

}  // namespace mydocker::oci
