// The options of a mount: which words there are, and what each does to a Mount.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "mydocker/mount.hpp"
#include "oci/config/document.hpp"

namespace mydocker::oci {

// All words that are not some file system's own, sorted.
[[nodiscard]] std::vector<std::string> mount_option_names();

// Applies them in their order, the last of a kind wins. An option that is unknown becomes the file
// system's own.
void read_mount_options(const Value& options, Mount& mount);

// "shared" or, with all mounts below, "rshared".
[[nodiscard]] std::optional<MountPropagation> propagation_of(std::string_view word);

}  // namespace mydocker::oci
