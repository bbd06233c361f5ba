// What a profile says about one call that was made, said without BPF: for MyDocker itself, which
// answers in the filter's place when it watches.
#pragma once

#include <linux/seccomp.h>

#include <array>
#include <cstdint>
#include <optional>
#include <vector>

#include "mydocker/seccomp_profile.hpp"
#include "seccomp/call_table.hpp"

namespace mydocker::seccomp {

struct Judgement {
  std::uint32_t verdict = 0;        // SECCOMP_RET_*, and the 16 bits beside it
  const Call* call = nullptr;       // its name; null for a number that has none
  std::optional<std::size_t> rule;  // of the profile: the one that decided; none: the default
};

class Judge {
 public:
  // The profile has to outlive this.
  explicit Judge(const SeccompProfile& profile);

  // As the filter of compile_profile() decides.
  [[nodiscard]] Judgement judge(const seccomp_data& data) const;

 private:
  [[nodiscard]] std::uint32_t newer() const;
  [[nodiscard]] std::uint32_t unnamed(Column column, std::uint32_t number) const;

  const SeccompProfile& profile_;
  std::vector<std::vector<std::size_t>> rules_;  // of each row of calls(): those that name it
  std::array<bool, kArchitectures.size()> listed_{};
};

// The column of a call's architecture; nothing for one without a column.
[[nodiscard]] std::optional<Column> column_of(const seccomp_data& data);

}  // namespace mydocker::seccomp
