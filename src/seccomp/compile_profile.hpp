// From an OCI profile to the filter that the kernel takes, without libseccomp: a start compiles its
// profile, so it has to be quick.
#pragma once

#include <linux/filter.h>

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "mydocker/seccomp_profile.hpp"

namespace mydocker::seccomp {

// The filter of `profile`. The native architecture is in it, listed or not: without it not even the
// entrypoint could be started. Throws UsageError with all of profile_problems(), and for a filter
// that would be longer than the kernel takes.
//
// For one call the rules with conditions are tried in the profile's order, then its first rule
// without; else the default action is the answer. Calls of an architecture that is not listed kill
// the process, or what else `others` says. Where the default answer is EPERM, calls with greater numbers than all that the
// profile names answer ENOSYS: they are newer than the profile, and libraries fall back.
[[nodiscard]] std::vector<sock_filter> compile_profile(
    const SeccompProfile& profile, SeccompAction others = SeccompAction::kill_process);

// What compile_profile() cannot say, a sentence each; empty for a good profile.
[[nodiscard]] std::vector<std::string> profile_problems(const SeccompProfile& profile);

// The names that nobody knows, each once. They are ignored, since a profile may be newer than this
// program; but whoever misspelt one wants to be told.
[[nodiscard]] std::vector<std::string> unknown_calls(const SeccompProfile& profile);

// The SECCOMP_FILTER_FLAG_* bits for seccomp(2). Throws UsageError for a name that it does not
// know.
[[nodiscard]] unsigned filter_flags(const SeccompProfile& profile);

// The bit of "SECCOMP_FILTER_FLAG_LOG"; nothing for a name that is no flag of a profile.
[[nodiscard]] std::optional<unsigned> try_filter_flag(std::string_view name);

// True when somebody has to answer: a rule or the default is `notify`. Then the filter has to be
// loaded with SECCOMP_FILTER_FLAG_NEW_LISTENER.
[[nodiscard]] bool needs_listener(const SeccompProfile& profile);

}  // namespace mydocker::seccomp
