// What the rules of a profile say about one call. Many calls share a decision, and its code.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "mydocker/seccomp_profile.hpp"
#include "seccomp/bpf_writer.hpp"
#include "seccomp/rule_code.hpp"

namespace mydocker::seccomp {

// The SECCOMP_RET_* of an action. `number` counts for `error` and `trace`; none: EPERM.
[[nodiscard]] std::uint32_t verdict_of(SeccompAction action, std::optional<unsigned> number);

class Decisions {
 public:
  // Names a decision; equal ones have the same name.
  enum class Id : std::size_t {};

  // The profile has to outlive this.
  explicit Decisions(const SeccompProfile& profile);

  // Always `verdict`.
  Id always(std::uint32_t verdict) { return known_or_new({{}, verdict}); }

  // What the rules with these indices, in the profile's order, say of arguments of this width.
  Id of(std::span<const std::uint32_t> rules, Width width);

  // What the profile says about a call that no rule names.
  [[nodiscard]] Id by_default() const { return default_; }

  // The place where the decision is made; written when it is asked for first.
  BpfWriter::Label code(Id id, BpfWriter& writer);

 private:
  struct Decision {
    std::vector<std::uint32_t> conditional;  // rules to try
    std::uint32_t otherwise = 0;             // the verdict if none of them holds
    Width width = Width::wide;               // of what the conditions look at
    std::optional<BpfWriter::Label> code = {};
  };

  Id known_or_new(Decision decision);
  [[nodiscard]] BpfWriter::Label write(const Decision& decision, BpfWriter& writer) const;

  const SeccompProfile& profile_;
  std::vector<std::uint32_t> verdicts_;  // of each rule
  std::vector<Decision> known_;
  Id default_;
};

}  // namespace mydocker::seccomp
