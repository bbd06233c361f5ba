#include "seccomp/watch.hpp"

#include <linux/capability.h>

#include <algorithm>
#include <bit>
#include <cstring>
#include <utility>

#include "helpers/names.hpp"
#include "helpers/text.hpp"
#include "seccomp/allowlist.hpp"
#include "seccomp/choose_filter.hpp"
#include "seccomp/compile_profile.hpp"
#include "seccomp/rules.hpp"

namespace mydocker::seccomp {
namespace {

// Who is watched chooses the numbers of his calls: he does not fill our memory with them.
constexpr std::size_t kMostNames = 200;

// What the kernel does by itself, or the vDSO as long as this machine lets it: a program may need
// it another time.
constexpr std::string_view kAlways[] = {
    "execve", "exit",         "exit_group", "rt_sigreturn", "clock_getres",   "clock_gettime",
    "getcpu", "gettimeofday", "time",       "sched_yield",  "restart_syscall"};

bool is_asked_about(const SeccompRule& rule, SeccompWatch watch) {
  if (rule.action == SeccompAction::error)
    return watch == SeccompWatch::allowed || rule.error.value_or(EPERM) != ENOSYS;
  return rule.action == SeccompAction::allow && watch == SeccompWatch::allowed;
}

// "--cap-add SYS_PTRACE", if a capability allows the call without making it a master of the host.
std::string remedy(const Call* call) {
  if (call == nullptr) return {};
  for (const auto& refused : refused_calls()) {
    constexpr std::uint64_t kAlmostAll = std::uint64_t{1} << CAP_SYS_ADMIN;
    if (refused.name != call->name || (refused.lifted_by & ~kAlmostAll) == 0) continue;
    std::string name = names::capability(static_cast<int>(std::bit_width(refused.lifted_by)) - 1);
    std::transform(name.begin(), name.end(), name.begin(),
                   [](char c) { return c >= 'a' && c <= 'z' ? static_cast<char>(c - 32) : c; });
    return "; --cap-add " + name + " allows it";
  }
  return {};
}

std::string name_of(const Judgement& judgement, const seccomp_data& data) {
  return judgement.call != nullptr ? std::string(judgement.call->name)
                                   : "call " + std::to_string(data.nr);
}

std::string times(std::uint64_t count) {
  return count == 1 ? "once" : std::to_string(count) + " times";
}

}  // namespace

SeccompProfile profile_of(const ContainerSpec& spec) {
  if (const auto* const profile = std::get_if<SeccompProfile>(&spec.seccomp)) return *profile;
  if (const auto* const choice = std::get_if<DefaultAllowlist>(&spec.seccomp))
    return allowlist_profile(freedoms_of(spec, *choice));
  if (std::holds_alternative<OriginalDenylist>(spec.seccomp)) return original_profile();
  SeccompProfile out;
  out.default_action = SeccompAction::allow;
  out.architectures = small_architectures();
  return out;
}

std::vector<sock_filter> watching_filter(const SeccompProfile& profile, SeccompWatch watch) {
  SeccompProfile asking = profile;
  for (auto& rule : asking.rules) {
    if (is_asked_about(rule, watch)) rule.action = SeccompAction::notify;
  }
  if (profile.default_action == SeccompAction::error ||
      (profile.default_action == SeccompAction::allow && watch == SeccompWatch::allowed))
    asking.default_action = SeccompAction::notify;
  // Whoever is killed for coming by another entry point is to be named as well.
  return compile_profile(
      asking, watch == SeccompWatch::refused ? SeccompAction::notify : SeccompAction::kill_process);
}

Watch::Watch(const ContainerSpec& spec)
    : watch_(spec.seccomp_watch),
      is_default_(std::holds_alternative<DefaultAllowlist>(spec.seccomp)),
      profile_(profile_of(spec)),
      judge_(profile_) {}

void Watch::note(const std::string& what) {
  const bool is_known = refused_.contains(what);
  ++refused_[is_known || refused_.size() < kMostNames ? what : "denied: calls of other names"];
}

void Watch::use(const Judgement& judgement, const seccomp_data& data) {
  if (judgement.call == nullptr) return;
  used_[std::string(judgement.call->name)].insert(judgement.rule);
  if (const auto column = column_of(data)) architectures_.emplace(kArchitectures[*column].name);
}

CallAnswer Watch::answer(const WatchedCall& call, const ProgramName& program) {
  const Judgement judgement = judge_.judge(call.data);
  const std::uint32_t action = judgement.verdict & SECCOMP_RET_ACTION_FULL;
  const int error = static_cast<int>(judgement.verdict & SECCOMP_RET_DATA);
  if (action == SECCOMP_RET_ERRNO) {
    const char* const name = ::strerrorname_np(error);
    if (watch_ == SeccompWatch::allowed)
      use(judgement, call.data);
    else
      note("denied: " + name_of(judgement, call.data) + " (" + (name != nullptr ? name : "0") +
           ")" + (is_default_ ? remedy(judgement.call) : ""));
    return {CallAnswer::Kind::refuse, error};
  }
  if (action == SECCOMP_RET_ALLOW && watch_ == SeccompWatch::allowed) {
    use(judgement, call.data);
    return {CallAnswer::Kind::go_on, 0};
  }
  note("killed: " + text::quoted(program(call.thread)) + ", a program of another architecture" +
       (is_default_ ? "; --abi32 lets it run" : ""));
  return {CallAnswer::Kind::kill, EPERM};
}

std::vector<std::string> Watch::refusals() const {
  std::vector<std::pair<std::uint64_t, std::string>> sorted;
  for (const auto& [what, count] : refused_) sorted.emplace_back(count, what);
  std::stable_sort(sorted.begin(), sorted.end(),
                   [](const auto& a, const auto& b) { return a.first > b.first; });
  std::vector<std::string> out;
  for (const auto& [count, what] : sorted) {
    // "denied: ptrace (EPERM), 3 times; --cap-add ..."
    const auto end = what.find("; ");
    const std::string rest = end == std::string::npos ? "" : what.substr(end);
    out.push_back(what.substr(0, end) + ", " + times(count) + rest);
  }
  return out;
}

// Of each call that was made: what allowed it, and every rule that refuses it with other arguments.
// So what is learned never allows more than the list that it was learned under.
SeccompProfile Watch::learned() const {
  SeccompProfile out;
  out.default_error = ENOSYS;
  out.architectures.assign(architectures_.begin(), architectures_.end());
  const auto add = [&out](SeccompRule rule, const std::set<std::string>& names) {
    if (names.empty()) return;
    rule.names.assign(names.begin(), names.end());
    out.rules.push_back(std::move(rule));
  };
  const SeccompRule allowed{{}, SeccompAction::allow, {}, {}};
  add(allowed, {std::begin(kAlways), std::end(kAlways)});
  for (std::size_t at = 0; at < profile_.rules.size(); ++at) {
    const SeccompRule& rule = profile_.rules[at];
    std::set<std::string> names;
    for (const auto& name : rule.names) {
      const bool refuses = rule.action != SeccompAction::allow;
      if (used_.contains(name) && (refuses || used_.at(name).contains(at))) names.insert(name);
    }
    add(rule, names);
  }
  std::set<std::string> by_default;
  for (const auto& [name, rules] : used_) {
    if (rules.contains(std::nullopt)) by_default.insert(name);
  }
  if (profile_.default_action == SeccompAction::allow) add(allowed, by_default);
  return out;
}

}  // namespace mydocker::seccomp
