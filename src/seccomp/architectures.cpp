#include "seccomp/architectures.hpp"

#include <algorithm>

namespace mydocker::seccomp {
namespace {

constexpr std::string_view kElsewhere[] = {
    "SCMP_ARCH_LOONGARCH64", "SCMP_ARCH_M68K",     "SCMP_ARCH_MIPS",     "SCMP_ARCH_MIPS64",
    "SCMP_ARCH_MIPS64N32",   "SCMP_ARCH_MIPSEL",   "SCMP_ARCH_MIPSEL64", "SCMP_ARCH_MIPSEL64N32",
    "SCMP_ARCH_PARISC",      "SCMP_ARCH_PARISC64", "SCMP_ARCH_PPC",      "SCMP_ARCH_PPC64",
    "SCMP_ARCH_PPC64LE",     "SCMP_ARCH_RISCV64",  "SCMP_ARCH_S390",     "SCMP_ARCH_S390X",
    "SCMP_ARCH_SH",          "SCMP_ARCH_SHEB",
};

}  // namespace

std::optional<Column> try_find_column(std::string_view name) {
  for (std::size_t column = 0; column < kArchitectures.size(); ++column) {
    if (kArchitectures[column].name == name) return static_cast<Column>(column);
  }
  return std::nullopt;
}

bool is_elsewhere(std::string_view name) {
  return std::binary_search(std::begin(kElsewhere), std::end(kElsewhere), name);
}

std::vector<std::string> small_architectures() {
  if (native_column() == kX86_64) return {"SCMP_ARCH_X86", "SCMP_ARCH_X32"};
  if (native_column() == kAarch64) return {"SCMP_ARCH_ARM"};
  return {};
}

}  // namespace mydocker::seccomp
