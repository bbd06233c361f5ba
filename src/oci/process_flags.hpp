// The process of `exec`: a file of JSON, or the container's own with words and flags laid over it.
#pragma once

#include "mydocker/spec.hpp"
#include "oci/options.hpp"

namespace mydocker::oci {

// Throws UsageError, ConfigError, SetupError (a file that cannot be read).
[[nodiscard]] Process asked_process(const Arguments& arguments, const Process& of_container);

}  // namespace mydocker::oci
