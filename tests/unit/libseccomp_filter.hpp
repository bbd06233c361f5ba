// The same profile by libseccomp, used as runc and crun use it.
#pragma once

#include <linux/filter.h>

#include <vector>

#include "mydocker/seccomp_profile.hpp"

namespace mydocker::test {

// Throws std::runtime_error for what libseccomp refuses. Names that it does not know are left out.
[[nodiscard]] std::vector<sock_filter> filter_of_libseccomp(const SeccompProfile& profile);

// True if this libseccomp knows the call. Ours also has calls that are newer.
[[nodiscard]] bool libseccomp_knows(const std::string& name);

}  // namespace mydocker::test
