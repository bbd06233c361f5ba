#include "seccomp/decisions.hpp"

#include <linux/seccomp.h>

#include <algorithm>
#include <cerrno>
#include <functional>
#include <iterator>

namespace mydocker::seccomp {

std::uint32_t verdict_of(SeccompAction action, std::optional<unsigned> number) {
  switch (action) {
    case SeccompAction::kill_process:
      return SECCOMP_RET_KILL_PROCESS;
    case SeccompAction::kill_thread:
      return SECCOMP_RET_KILL_THREAD;
    case SeccompAction::trap:
      return SECCOMP_RET_TRAP;
    case SeccompAction::error:
      return SECCOMP_RET_ERRNO | number.value_or(EPERM);
    case SeccompAction::notify:
      return SECCOMP_RET_USER_NOTIF;
    case SeccompAction::trace:
      return SECCOMP_RET_TRACE | number.value_or(EPERM);
    case SeccompAction::log:
      return SECCOMP_RET_LOG;
    case SeccompAction::allow:
      return SECCOMP_RET_ALLOW;
  }
  return SECCOMP_RET_KILL_PROCESS;
}

Decisions::Decisions(const SeccompProfile& profile)
    : profile_(profile),
      default_(always(verdict_of(profile.default_action, profile.default_error))) {
  verdicts_.reserve(profile.rules.size());
  for (const auto& rule : profile.rules) verdicts_.push_back(verdict_of(rule.action, rule.error));
}

Decisions::Id Decisions::known_or_new(Decision decision) {
  const auto known = std::find_if(known_.begin(), known_.end(), [&decision](const Decision& one) {
    return one.otherwise == decision.otherwise && one.conditional == decision.conditional &&
           (one.width == decision.width || one.conditional.empty());
  });
  const Id id{static_cast<std::size_t>(known - known_.begin())};
  if (known == known_.end()) known_.push_back(std::move(decision));
  return id;
}

Decisions::Id Decisions::of(std::span<const std::uint32_t> rules, Width width) {
  const auto unconditional = [this](std::uint32_t rule) {
    return profile_.rules[rule].arguments.empty();
  };
  const auto last = std::find_if(rules.begin(), rules.end(), unconditional);
  Decision decision{{}, last != rules.end() ? verdicts_[*last] : known_[0].otherwise, width};
  std::copy_if(rules.begin(), rules.end(), std::back_inserter(decision.conditional),
               std::not_fn(unconditional));
  // A condition that leads to where one comes anyway.
  auto& conditional = decision.conditional;
  while (!conditional.empty() && verdicts_[conditional.back()] == decision.otherwise) {
    conditional.pop_back();
  }
  return known_or_new(std::move(decision));
}

BpfWriter::Label Decisions::code(Id id, BpfWriter& writer) {
  Decision& decision = known_[static_cast<std::size_t>(id)];
  if (decision.conditional.empty()) return writer.give(decision.otherwise);
  if (!decision.code) decision.code = write(decision, writer);
  return *decision.code;
}

BpfWriter::Label Decisions::write(const Decision& decision, BpfWriter& writer) const {
  auto next = writer.give(decision.otherwise);
  const auto& rules = decision.conditional;
  for (auto rule = rules.rbegin(); rule != rules.rend(); ++rule) {
    const auto verdict = writer.give(verdicts_[*rule]);
    next = write_conditions(writer, profile_.rules[*rule], decision.width, verdict, next);
  }
  return next;
}

}  // namespace mydocker::seccomp
