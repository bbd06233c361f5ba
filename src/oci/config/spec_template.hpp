// What `MyDocker spec` prints: a config.json to start from.
#pragma once

#include <sys/types.h>

#include <optional>
#include <string>

namespace mydocker::oci {

// The caller of `spec --rootless`: the container's root is this user.
struct Rootless {
  uid_t uid = 0;
  gid_t gid = 0;
};

// A shell in the folder rootfs, with a terminal, few capabilities and a read-only root. Ends with a
// newline.
[[nodiscard]] std::string spec_template(const std::optional<Rootless>& rootless = std::nullopt);

}  // namespace mydocker::oci
