// `MyDocker verify [--json] [options]`: runs a container with those options, -aU without any, whose
// entrypoint is the probe of src/verify, and prints a line for each row. The status is 1 if
// something is open that the options promise to shut. `verify --list [--json]` prints the rows;
// `verify --dump-probe FILE` writes the probe.
#pragma once

#include <string>

#include "mydocker/spec.hpp"

namespace mydocker::cli {

// The letters of src/verify/README.md that are true of such a container: what its options promise.
[[nodiscard]] std::string promises_of(const ContainerSpec& spec);

}  // namespace mydocker::cli
