#include "seccomp/judge.hpp"

#include <algorithm>
#include <cerrno>

#include "seccomp/decisions.hpp"
#include "seccomp/rule_code.hpp"

namespace mydocker::seccomp {
namespace {

bool compares(SeccompOperator op, std::uint64_t argument, std::uint64_t value,
              std::uint64_t value_two) {
  switch (op) {
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
      return (argument & value) == (value_two & value);
  }
  return false;
}

bool holds(const SeccompRule& rule, const seccomp_data& data, bool is_wide) {
  const std::uint64_t width = is_wide ? ~std::uint64_t{0} : 0xFFFFFFFF;
  const auto one = [&](const SeccompArgument& condition) {
    return compares(condition.op, data.args[condition.index] & width, condition.value & width,
                    condition.value_two & width);
  };
  const auto& all = rule.arguments;
  return one_is_enough(rule) ? std::any_of(all.begin(), all.end(), one)
                             : std::all_of(all.begin(), all.end(), one);
}

// Far above all others, they do not tell how new a profile is.
bool is_arms_own(Column column, std::int32_t number) { return column == kArm && number >= 0xF0000; }

// What a tracer puts into a register: no call of x32.
constexpr std::uint32_t kNoCall = 0xFFFFFFFF;

}  // namespace

std::optional<Column> column_of(const seccomp_data& data) {
  const auto number = static_cast<std::uint32_t>(data.nr);
  if (data.arch == kArchitectures[kX86_64].audit) return number >= kX32Bit ? kX32 : kX86_64;
  for (const Column column : {kX86, kAarch64, kArm}) {
    if (data.arch == kArchitectures[column].audit) return column;
  }
  return std::nullopt;
}

Judge::Judge(const SeccompProfile& profile) : profile_(profile), rules_(calls().size()) {
  listed_[*native_column()] = true;
  for (const auto& name : profile.architectures) {
    if (const auto column = try_find_column(name)) listed_[*column] = true;
  }
  for (std::size_t rule = 0; rule < profile_.rules.size(); ++rule) {
    for (const auto& name : profile_.rules[rule].names) {
      if (const Call* const call = try_find_call(name); call != nullptr)
        rules_[static_cast<std::size_t>(call - calls().data())].push_back(rule);
    }
  }
}

// Where refusals are EPERM, newer calls are answered as missing; see call_ranges.cpp.
std::uint32_t Judge::newer() const {
  const auto by_default = verdict_of(profile_.default_action, profile_.default_error);
  return by_default == verdict_of(SeccompAction::error, EPERM)
             ? verdict_of(SeccompAction::error, ENOSYS)
             : by_default;
}

// A call is newer if all that the profile names are before it.
std::uint32_t Judge::unnamed(Column column, std::uint32_t number) const {
  const auto by_default = verdict_of(profile_.default_action, profile_.default_error);
  bool names_any = false;
  for (std::size_t row = 0; row < rules_.size(); ++row) {
    const std::int32_t named = calls()[row].numbers[column];
    if (rules_[row].empty() || named == kNoNumber || is_arms_own(column, named)) continue;
    names_any = true;
    if (static_cast<std::uint32_t>(named) > number) return by_default;
  }
  return names_any ? newer() : by_default;
}

Judgement Judge::judge(const seccomp_data& data) const {
  const auto number = static_cast<std::uint32_t>(data.nr);
  const auto column = column_of(data);
  // No call of x32, unless that is listed.
  if (column == kX32 && number == kNoCall && !listed_[kX32]) return {newer(), nullptr, {}};
  if (!column || !listed_[*column]) return {SECCOMP_RET_KILL_PROCESS, nullptr, {}};
  const auto known = std::find_if(calls().begin(), calls().end(), [&](const Call& call) {
    const std::int32_t one = call.numbers[*column];
    return one != kNoNumber && static_cast<std::uint32_t>(one) == number;
  });
  if (known == calls().end()) return {unnamed(*column, number), nullptr, {}};
  std::optional<std::size_t> unconditional;
  const auto& rules = rules_[static_cast<std::size_t>(known - calls().begin())];
  for (const std::size_t at : rules) {
    const SeccompRule& rule = profile_.rules[at];
    if (rule.arguments.empty()) {
      if (!unconditional) unconditional = at;
    } else if (holds(rule, data, kArchitectures[*column].wide_arguments)) {
      return {verdict_of(rule.action, rule.error), &*known, at};
    }
  }
  if (unconditional) {
    const SeccompRule& rule = profile_.rules[*unconditional];
    return {verdict_of(rule.action, rule.error), &*known, unconditional};
  }
  const bool is_named = !rules.empty();
  const auto verdict = is_named ? verdict_of(profile_.default_action, profile_.default_error)
                                : unnamed(*column, number);
  return {verdict, &*known, {}};
}

}  // namespace mydocker::seccomp
