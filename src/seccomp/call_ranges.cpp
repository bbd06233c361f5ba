#include "seccomp/call_ranges.hpp"

#include <algorithm>
#include <cerrno>
#include <limits>

namespace mydocker::seccomp {
namespace {

// Arm's own calls begin here, far above all others: they do not tell how new a profile is.
constexpr std::uint32_t kArmsOwn = 0xF0000;

// Libraries try a new call first and fall back to an older one for ENOSYS only. So EPERM, the
// common default, would break a program that is newer than its profile. runc does so too.
Decisions::Id answer_to_newer_calls(const SeccompProfile& profile, Decisions& decisions) {
  const auto refusal = verdict_of(SeccompAction::error, EPERM);
  if (verdict_of(profile.default_action, profile.default_error) != refusal) {
    return decisions.by_default();
  }
  return decisions.always(verdict_of(SeccompAction::error, ENOSYS));
}

}  // namespace

void add_range(std::vector<CallRange>& ranges, const CallRange& range) {
  if (ranges.empty() || ranges.back().decision != range.decision) ranges.push_back(range);
}

NamedCalls::NamedCalls(const SeccompProfile& profile, Decisions& decisions)
    : decisions_(decisions), newer_(answer_to_newer_calls(profile, decisions)) {
  for (std::size_t rule = 0; rule < profile.rules.size(); ++rule) {
    for (const auto& name : profile.rules[rule].names) {
      const Call* call = try_find_call(name);
      if (call != nullptr) named_.push_back({call, static_cast<std::uint32_t>(rule)});
    }
  }
}

std::vector<NamedCalls::Numbered> NamedCalls::numbered(Column column) const {
  std::vector<Numbered> out;
  out.reserve(named_.size());
  for (const auto& one : named_) {
    const auto number = one.call->numbers[column];
    if (number != kNoNumber) out.push_back({static_cast<std::uint32_t>(number), one.rule});
  }
  std::sort(out.begin(), out.end());
  return out;
}

void NamedCalls::add_ranges(Column column, std::vector<CallRange>& out) const {
  const auto calls = numbered(column);
  const bool is_arm = column == kArm;
  const auto newest = std::find_if(calls.rbegin(), calls.rend(), [is_arm](const Numbered& one) {
    return !is_arm || one.number < kArmsOwn;
  });
  const auto first_newer =
      newest == calls.rend() ? std::numeric_limits<std::uint32_t>::max() : newest->number + 1;
  const auto unnamed = [&](std::uint32_t number) {
    return number < first_newer ? decisions_.by_default() : newer_;
  };

  const Width width = kArchitectures[column].wide_arguments ? Width::wide : Width::narrow;
  std::uint32_t next = column == kX32 ? kX32Bit : 0;
  std::vector<std::uint32_t> rules;
  for (auto call = calls.begin(); call != calls.end();) {
    const std::uint32_t number = call->number;
    rules.clear();
    for (; call != calls.end() && call->number == number; ++call) rules.push_back(call->rule);
    if (next < number) add_range(out, {next, unnamed(next)});
    add_range(out, {number, decisions_.of(rules, width)});
    next = number + 1;
  }
  add_range(out, {next, unnamed(next)});
}

}  // namespace mydocker::seccomp
