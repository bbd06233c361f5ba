// Runs a seccomp filter as the kernel would, without loading it: so that a test can ask for the
// verdict on any call, on any architecture, without making it.
#pragma once

#include <linux/filter.h>
#include <linux/seccomp.h>

#include <cstdint>
#include <span>

namespace mydocker::test {

// What the filter returns: SECCOMP_RET_* and the 16 bits beside it, the errno of SECCOMP_RET_ERRNO.
struct Verdict {
  std::uint32_t action = 0;
  std::uint16_t data = 0;
  bool operator==(const Verdict&) const = default;
};

// Throws std::invalid_argument for a program that the kernel would refuse to load: no filter of
// ours may rely on what it does not check. See seccomp(2) and Documentation/networking/filter.rst.
[[nodiscard]] Verdict evaluate(std::span<const sock_filter> program, const seccomp_data& data);

}  // namespace mydocker::test
