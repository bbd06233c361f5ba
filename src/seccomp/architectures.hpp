// The architectures whose calls MyDocker knows by name. See seccomp_arch_add(3).
#pragma once

#include <linux/audit.h>

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace mydocker::seccomp {

struct Architecture {
  std::string_view name;       // in a profile
  std::uint32_t audit = 0;     // what a filter is told; x32 shares x86_64's
  bool wide_arguments = true;  // else 32 bits of each count
  bool operator==(const Architecture&) const = default;
};

// In the order of the columns of the table of calls.
inline constexpr std::array<Architecture, 5> kArchitectures{{
    {"SCMP_ARCH_X86_64", AUDIT_ARCH_X86_64, true},
    {"SCMP_ARCH_X86", AUDIT_ARCH_I386, false},
    {"SCMP_ARCH_X32", AUDIT_ARCH_X86_64, false},
    {"SCMP_ARCH_AARCH64", AUDIT_ARCH_AARCH64, true},
    {"SCMP_ARCH_ARM", AUDIT_ARCH_ARM, false},
}};

// Columns of the table.
enum Column : std::size_t { kX86_64, kX86, kX32, kAarch64, kArm };

// What x32's numbers begin at: it is told from x86_64 by this bit only.
inline constexpr std::uint32_t kX32Bit = 0x40000000;

// The column of the architecture that this program was built for; nothing where we have no table.
[[nodiscard]] constexpr std::optional<Column> native_column() {
#if defined(__x86_64__) && defined(__ILP32__)
  return kX32;
#elif defined(__x86_64__)
  return kX86_64;
#elif defined(__i386__)
  return kX86;
#elif defined(__aarch64__)
  return kAarch64;
#elif defined(__arm__)
  return kArm;
#else
  return std::nullopt;
#endif
}

// The column of "SCMP_ARCH_X86_64"; nothing for a name that has no column.
[[nodiscard]] std::optional<Column> try_find_column(std::string_view name);

// True for the name of an architecture that libseccomp knows and that has no column, as
// "SCMP_ARCH_S390X". A profile may list it: MyDocker does not run there, and nobody can make its
// calls here.
[[nodiscard]] bool is_elsewhere(std::string_view name);

// The names of the smaller ones whose programs this machine may run beside its own.
[[nodiscard]] std::vector<std::string> small_architectures();

}  // namespace mydocker::seccomp
