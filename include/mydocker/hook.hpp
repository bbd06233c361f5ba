// Programs of the caller's that run at certain points of a container's life; see the OCI runtime
// specification, "POSIX-platform Hooks".
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <vector>

namespace mydocker {

struct Hook {
  std::string path;
  std::vector<std::string> argv;         // argv[0] too; empty: the path alone
  std::vector<std::string> environment;  // all of it: nothing is inherited
  std::optional<std::chrono::seconds> timeout;
  bool operator==(const Hook&) const = default;
};

struct Hooks {
  std::vector<Hook> prestart, create_runtime;  // on the host, before pivot_root
  std::vector<Hook> create_container;          // in the container's namespaces, before pivot_root
  std::vector<Hook> start_container;           // in the container, before the entrypoint
  std::vector<Hook> poststart, poststop;       // on the host
  bool operator==(const Hooks&) const = default;
  [[nodiscard]] bool before_pivot() const {
    return !prestart.empty() || !create_runtime.empty() || !create_container.empty();
  }
};

}  // namespace mydocker
