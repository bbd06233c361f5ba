// What `MyDocker features` prints: what of the specification is known here, whatever the host has.
#pragma once

#include <string>

namespace mydocker::oci {

// The specification that this program follows, and the oldest that it takes.
inline constexpr const char* kNewestVersion = "1.3.0";
inline constexpr const char* kOldestVersion = "1.0.0";

// One JSON object, see the OCI runtime specification, features.md. Ends with a newline.
[[nodiscard]] std::string features_json();

}  // namespace mydocker::oci
