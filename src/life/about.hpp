// What is written down of a container that runs, for who looks at it or joins it later: a JSON object
// on one line of its record. ownership::plan begins it; the rest is the front end's.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "mydocker/spec.hpp"

namespace mydocker::life {

struct About {
  std::string root, image, network;  // image: as it was named; empty: none
  std::string cgroup;                // below each hierarchy; empty: none
  std::vector<std::string> command, ports;
  bool has_user_namespace = false, has_init = false;
  int stop_signal = SIGTERM;
  // How a process that joins it is to be: its user, folder, environment and limits.
  Process process;
  SeccompChoice seccomp;
  std::string open_to_others;
  FileAccess files;
};

// The members that describe `spec`, for ContainerSpec::remembered.
[[nodiscard]] std::string remembered(const ContainerSpec& spec, const std::string& image);

// Nothing for a text that MyDocker has not written.
[[nodiscard]] std::optional<About> about_in(std::string_view object);

// "127.0.0.1:8080->80/tcp"
[[nodiscard]] std::string port_text(const PublishedPort& port);

}  // namespace mydocker::life
