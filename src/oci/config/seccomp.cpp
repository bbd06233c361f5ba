// `linux.seccomp`.
#include <algorithm>

#include "oci/config/sections.hpp"
#include "oci/config/words.hpp"

namespace mydocker::oci {
namespace {

// What fits into a filter's verdict, see seccomp(2); the kernel cuts an errno at 4095.
constexpr Range kErrors{0, 4095}, kTraceData{0, 65535};

void read_error(const Value& error, std::optional<SeccompAction> action,
                std::optional<unsigned>& out) {
  if (!error.is_given() || !action) return;
  if (*action != SeccompAction::error && *action != SeccompAction::trace)
    error.refuse("only SCMP_ACT_ERRNO and SCMP_ACT_TRACE carry a number");
  else
    error.into(out, *action == SeccompAction::error ? kErrors : kTraceData);
}

// Words that the profile keeps as they are.
template <std::size_t N>
void read_kept(const Value& list, const Word<Kept> (&known)[N], std::vector<std::string>& out) {
  for (const Value& each : list.elements()) {
    if (each.one_of(known)) out.push_back(*each.text());
  }
}

SeccompArgument read_argument(const Value& argument) {
  SeccompArgument out;
  argument["index"].required().into(out.index, {0, 5});
  argument["value"].required().into(out.value);
  argument["valueTwo"].into(out.value_two);
  out.op = argument["op"].required().one_of(kSeccompOperators).value_or(SeccompOperator::eq);
  return out;
}

SeccompRule read_rule(const Value& rule) {
  SeccompRule out;
  const Value names = rule["names"].required();
  if (names.into(out.names) && out.names.empty()) names.refuse_place("names no system call");
  const auto action = rule["action"].required().one_of(kSeccompActions);
  out.action = action.value_or(SeccompAction::error);
  read_error(rule["errnoRet"], action, out.error);
  for (const Value& each : rule["args"].elements()) out.arguments.push_back(read_argument(each));
  return out;
}

void read_listener(const Value& seccomp, SeccompProfile& out) {
  const Value path = seccomp["listenerPath"], metadata = seccomp["listenerMetadata"];
  path.into(out.listener_path);
  metadata.into(out.listener_metadata);
  if (!out.listener_metadata.empty() && out.listener_path.empty())
    metadata.refuse_place("goes to listenerPath, which is missing");
  const bool notifies = std::any_of(out.rules.begin(), out.rules.end(), [](const SeccompRule& r) {
    return r.action == SeccompAction::notify;
  });
  if (notifies && out.listener_path.empty())
    path.refuse_place("missing: somebody has to answer for SCMP_ACT_NOTIFY");
  // Where nothing is notified the specification wants it ignored.
  if (!notifies) {
    out.listener_path.clear();
    out.listener_metadata.clear();
  }
}

}  // namespace

SeccompProfile read_profile(const Value& seccomp,
                            const std::function<bool(const Value& rule)>& applies) {
  SeccompProfile out;
  const Value by_default = seccomp["defaultAction"].required();
  const auto action = by_default.one_of(kSeccompActions);
  out.default_action = action.value_or(SeccompAction::error);
  if (action == SeccompAction::notify)
    by_default.refuse("whoever answers would have to be asked before the container can start");
  read_error(seccomp["defaultErrnoRet"], action, out.default_error);
  read_kept(seccomp["architectures"], kSeccompArchitectures, out.architectures);
  read_kept(seccomp["flags"], kSeccompFlags, out.flags);
  for (const Value& each : seccomp["syscalls"].elements()) {
    if (applies(each)) out.rules.push_back(read_rule(each));
  }
  read_listener(seccomp, out);
  return out;
}

void read_seccomp(const Value& seccomp, ContainerSpec& spec) {
  if (!seccomp.is_given()) return;
  spec.seccomp = read_profile(seccomp, [](const Value&) { return true; });
}

}  // namespace mydocker::oci
