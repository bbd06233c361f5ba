// The process of `exec`: a file of JSON, or the container's own with words and flags laid over it.
#pragma once

#include "mydocker/spec.hpp"
#include "oci/config/load.hpp"
#include "oci/options.hpp"

namespace mydocker::oci {

// Throws UsageError, ConfigError, SetupError (a file that cannot be read).
[[nodiscard]] LoadedProcess asked_process(const Arguments& arguments, const Process& of_container);

}  // namespace mydocker::oci
