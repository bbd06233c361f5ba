// From what the spec asks for to the filter.
#pragma once

#include <linux/filter.h>

#include <span>
#include <vector>

#include "mydocker/spec.hpp"
#include "seccomp/allowlist.hpp"

namespace mydocker::seccomp {

// What the default filter of `spec` leaves free.
[[nodiscard]] Freedoms freedoms_of(const ContainerSpec& spec, const DefaultAllowlist& choice);

// The filter that `spec` asks for; empty for Unconfined. If calls are watched, it asks MyDocker. Compiled when MyDocker was built, if the
// default is asked for as it is, or the original's; else now. Throws UsageError, as compile_profile
// does.
[[nodiscard]] std::vector<sock_filter> filter_of(const ContainerSpec& spec);

}  // namespace mydocker::seccomp
