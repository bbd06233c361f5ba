// A profile as ranges of call numbers: what a filter looks for.
#pragma once

#include <cstdint>
#include <vector>

#include "mydocker/seccomp_profile.hpp"
#include "seccomp/call_table.hpp"
#include "seccomp/decisions.hpp"

namespace mydocker::seccomp {

// The calls from `first` up to the next range's: one decision for all of them.
struct CallRange {
  std::uint32_t first = 0;
  Decisions::Id decision{};
};

// Appends `range`, unless the last one decides the same.
void add_range(std::vector<CallRange>& ranges, const CallRange& range);

class NamedCalls {
 public:
  // Looks up the profile's names. `decisions` has to outlive this.
  NamedCalls(const SeccompProfile& profile, Decisions& decisions);

  // The ranges of all numbers of an architecture, from its first on.
  void add_ranges(Column column, std::vector<CallRange>& out) const;

  // What a call is answered that is newer than all that the profile names.
  [[nodiscard]] Decisions::Id newer() const { return newer_; }

 private:
  struct Named {
    const Call* call;
    std::uint32_t rule;
  };
  struct Numbered {
    std::uint32_t number, rule;
    auto operator<=>(const Numbered&) const = default;
  };

  [[nodiscard]] std::vector<Numbered> numbered(Column column) const;

  Decisions& decisions_;
  Decisions::Id newer_;
  std::vector<Named> named_;
};

}  // namespace mydocker::seccomp
