// What a profile means, said as plainly as possible and without BPF: the compiler is held against
// it.
#pragma once

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdint>
#include <optional>

#include "mydocker/seccomp_profile.hpp"
#include "seccomp/call_table.hpp"

namespace mydocker::test {

using CallArguments = std::array<std::uint64_t, 6>;

struct Answer {
  SeccompAction action = SeccompAction::error;
  unsigned number = 0;  // of `error` and `trace`
  bool operator==(const Answer&) const = default;
};

inline bool holds(const SeccompArgument& condition, const CallArguments& arguments, bool is_wide) {
  const std::uint64_t mask = is_wide ? ~std::uint64_t{0} : 0xFFFFFFFF;
  const std::uint64_t argument = arguments.at(condition.index) & mask;
  const std::uint64_t value = condition.value & mask;
  switch (condition.op) {
    case SeccompOperator::ne:
      return argument != value;
    case SeccompOperator::lt:
      return argument < value;
    case SeccompOperator::le:
      return argument <= value;
    case SeccompOperator::eq:
      return argument == value;
    case SeccompOperator::ge:
      return argument >= value;
    case SeccompOperator::gt:
      return argument > value;
    case SeccompOperator::masked_eq:
      return (argument & value) == (condition.value_two & value);
  }
  return false;
}

inline bool holds(const SeccompRule& rule, const CallArguments& arguments, bool is_wide) {
  std::array<int, 6> named{};
  bool all = true, any = false, twice = false;
  for (const auto& condition : rule.arguments) {
    const bool one = holds(condition, arguments, is_wide);
    all = all && one;
    any = any || one;
    twice = twice || ++named.at(condition.index) > 1;
  }
  return twice ? any : all;
}

inline Answer answer(SeccompAction action, std::optional<unsigned> number) {
  const bool has_number = action == SeccompAction::error || action == SeccompAction::trace;
  return {action, has_number ? number.value_or(EPERM) : 0};
}

// The answer to call `number` of the architecture `column`, which the profile lists.
inline Answer meaning(const SeccompProfile& profile, std::size_t column, std::int32_t number,
                      const CallArguments& arguments) {
  const SeccompRule* unconditional = nullptr;
  std::int32_t greatest = -1;
  bool is_named = false;
  for (const auto& rule : profile.rules) {
    for (const auto& name : rule.names) {
      const auto* call = seccomp::try_find_call(name);
      if (call == nullptr) continue;
      const auto named = call->numbers.at(column);
      if (column != seccomp::kArm || named < 0xF0000) greatest = std::max(greatest, named);
      if (named != number) continue;
      is_named = true;
      if (rule.arguments.empty()) {
        if (unconditional == nullptr) unconditional = &rule;
      } else if (holds(rule, arguments, seccomp::kArchitectures.at(column).wide_arguments)) {
        return answer(rule.action, rule.error);
      }
    }
  }
  if (unconditional != nullptr) return answer(unconditional->action, unconditional->error);
  const Answer by_default = answer(profile.default_action, profile.default_error);
  const bool is_newer = !is_named && greatest >= 0 && number > greatest;
  if (is_newer && by_default == Answer{SeccompAction::error, EPERM}) {
    return {SeccompAction::error, ENOSYS};
  }
  return by_default;
}

}  // namespace mydocker::test
