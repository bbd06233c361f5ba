#include <linux/seccomp.h>

#include <algorithm>

#include "helpers/text.hpp"
#include "mydocker/error.hpp"
#include "seccomp/architectures.hpp"
#include "seccomp/call_table.hpp"
#include "seccomp/compile_profile.hpp"

namespace mydocker::seccomp {
namespace {

constexpr unsigned kLastArgument = 5;
constexpr unsigned kGreatestErrno = 4095;  // the kernel's MAX_ERRNO: it would lower a greater one
constexpr unsigned kGreatestData = SECCOMP_RET_DATA;

struct Flag {
  std::string_view name;
  unsigned bit;
};
constexpr Flag kFlags[] = {
    {"SECCOMP_FILTER_FLAG_TSYNC", SECCOMP_FILTER_FLAG_TSYNC},
    {"SECCOMP_FILTER_FLAG_LOG", SECCOMP_FILTER_FLAG_LOG},
    {"SECCOMP_FILTER_FLAG_SPEC_ALLOW", SECCOMP_FILTER_FLAG_SPEC_ALLOW},
    {"SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV", SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV},
};

std::string unknown_flag(std::string_view name) {
  return "the seccomp flag " + text::quoted(name) + " is not known";
}

// Empty for a number that the action can give.
std::string wrong_number(SeccompAction action, std::optional<unsigned> number) {
  if (action == SeccompAction::error && number.value_or(0) > kGreatestErrno) {
    return std::to_string(*number) + " is no errno; the greatest is " +
           std::to_string(kGreatestErrno);
  }
  if (action == SeccompAction::trace && number.value_or(0) > kGreatestData) {
    return "a tracer cannot be told " + std::to_string(*number) + "; the greatest number is " +
           std::to_string(kGreatestData);
  }
  return "";
}

// "rule 3 ('clone')": the first rule is 1.
std::string rule_name(const SeccompProfile& profile, std::size_t at) {
  const auto& names = profile.rules[at].names;
  return "seccomp rule " + std::to_string(at + 1) +
         (names.empty() ? "" : " (" + text::quoted(names.front()) + ")");
}

void check_rule(const SeccompProfile& profile, std::size_t at, std::vector<std::string>& out) {
  const SeccompRule& rule = profile.rules[at];
  for (const auto& condition : rule.arguments) {
    if (condition.index <= kLastArgument) continue;
    out.push_back(rule_name(profile, at) + ": a call has no argument " +
                  std::to_string(condition.index) + "; the last is " +
                  std::to_string(kLastArgument));
  }
  const std::string wrong = wrong_number(rule.action, rule.error);
  if (!wrong.empty()) out.push_back(rule_name(profile, at) + ": " + wrong);
}

}  // namespace

std::vector<std::string> profile_problems(const SeccompProfile& profile) {
  std::vector<std::string> out;
  for (const auto& name : profile.architectures) {
    if (try_find_column(name) || is_elsewhere(name)) continue;
    out.push_back("the seccomp architecture " + text::quoted(name) + " is not known");
  }
  for (const auto& name : profile.flags) {
    if (!try_filter_flag(name)) out.push_back(unknown_flag(name));
  }
  const std::string wrong = wrong_number(profile.default_action, profile.default_error);
  if (!wrong.empty()) out.push_back("the seccomp default action: " + wrong);
  for (std::size_t at = 0; at < profile.rules.size(); ++at) check_rule(profile, at, out);
  if (!native_column()) out.emplace_back("seccomp profiles are not known on this architecture");
  return out;
}

std::vector<std::string> unknown_calls(const SeccompProfile& profile) {
  std::vector<std::string> out;
  for (const auto& rule : profile.rules) {
    for (const auto& name : rule.names) {
      if (try_find_call(name) == nullptr) out.push_back(name);
    }
  }
  std::sort(out.begin(), out.end());
  out.erase(std::unique(out.begin(), out.end()), out.end());
  return out;
}

std::optional<unsigned> try_filter_flag(std::string_view name) {
  for (const auto& flag : kFlags) {
    if (flag.name == name) return flag.bit;
  }
  return std::nullopt;
}

unsigned filter_flags(const SeccompProfile& profile) {
  unsigned out = 0;
  for (const auto& name : profile.flags) {
    const auto bit = try_filter_flag(name);
    if (!bit) throw UsageError(unknown_flag(name));
    out |= *bit;
  }
  return out;
}

bool needs_listener(const SeccompProfile& profile) {
  return profile.default_action == SeccompAction::notify ||
         std::any_of(profile.rules.begin(), profile.rules.end(),
                     [](const SeccompRule& rule) { return rule.action == SeccompAction::notify; });
}

}  // namespace mydocker::seccomp
