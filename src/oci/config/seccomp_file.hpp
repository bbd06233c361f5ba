// A seccomp profile as a file of its own: `linux.seccomp` alone, or one of docker's or podman's,
// whose rules also say for whom they are.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "mydocker/seccomp_profile.hpp"

namespace mydocker::oci {

// What such a rule may ask for.
struct ProfileReader {
  std::vector<int> capabilities;  // of the bounding set
  unsigned kernel_major = 0, kernel_minor = 0;
};

// Throws ConfigError.
[[nodiscard]] SeccompProfile load_seccomp_profile(std::string_view text,
                                                  const ProfileReader& reader);

// The profile as `linux.seccomp`, with a newline behind it.
[[nodiscard]] std::string seccomp_json(const SeccompProfile& profile);

}  // namespace mydocker::oci
