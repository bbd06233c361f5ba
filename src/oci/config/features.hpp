// What `MyDocker features` and `--version` print: what of the specification is known here, whatever the host has.
#pragma once

#include <string>

namespace mydocker::oci {

// The specification that this program follows, and the oldest that it takes.
inline constexpr const char* kNewestVersion = "1.3.0";
inline constexpr const char* kOldestVersion = "1.0.0";

// What `--version` prints: this program's, and a line that engines look for.
[[nodiscard]] std::string version_text();

// One JSON object, see the OCI runtime specification, features.md. Ends with a newline.
[[nodiscard]] std::string features_json();

}  // namespace mydocker::oci
