#include "libseccomp_filter.hpp"

#include <seccomp.h>
#include <sys/mman.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <memory>
#include <stdexcept>

#include "mydocker/unique_fd.hpp"

namespace mydocker::test {
namespace {

void require(int result, const std::string& what) {
  if (result < 0) throw std::runtime_error("libseccomp, " + what + ": " + std::strerror(-result));
}

std::uint32_t action_of(SeccompAction action, std::optional<unsigned> number) {
  const auto data = static_cast<std::uint16_t>(number.value_or(EPERM));
  switch (action) {
    case SeccompAction::kill_process:
      return SCMP_ACT_KILL_PROCESS;
    case SeccompAction::kill_thread:
      return SCMP_ACT_KILL_THREAD;
    case SeccompAction::trap:
      return SCMP_ACT_TRAP;
    case SeccompAction::error:
      return SCMP_ACT_ERRNO(data);
    case SeccompAction::notify:
      return SCMP_ACT_NOTIFY;
    case SeccompAction::trace:
      return SCMP_ACT_TRACE(data);
    case SeccompAction::log:
      return SCMP_ACT_LOG;
    case SeccompAction::allow:
      return SCMP_ACT_ALLOW;
  }
  throw std::logic_error("no action");
}

scmp_arg_cmp comparison(const SeccompArgument& condition) {
  constexpr scmp_compare kOperators[] = {SCMP_CMP_NE, SCMP_CMP_LT, SCMP_CMP_LE,       SCMP_CMP_EQ,
                                         SCMP_CMP_GE, SCMP_CMP_GT, SCMP_CMP_MASKED_EQ};
  return {condition.index, kOperators[static_cast<int>(condition.op)], condition.value,
          condition.value_two};
}

bool names_an_argument_twice(const SeccompRule& rule) {
  std::array<int, 6> times{};
  return std::any_of(
      rule.arguments.begin(), rule.arguments.end(),
      [&times](const SeccompArgument& condition) { return ++times.at(condition.index) > 1; });
}

void add(scmp_filter_ctx filter, const SeccompRule& rule, std::uint32_t action, int call) {
  std::vector<scmp_arg_cmp> all;
  for (const auto& condition : rule.arguments) all.push_back(comparison(condition));
  const bool one_by_one = names_an_argument_twice(rule);
  const auto at_once = one_by_one ? 1U : static_cast<unsigned>(all.size());
  for (std::size_t at = 0; at == 0 || (one_by_one && at < all.size()); ++at) {
    require(seccomp_rule_add_array(filter, action, call, at_once, all.data() + at),
            "rule for " + rule.names.front());
  }
}

std::vector<sock_filter> exported(scmp_filter_ctx filter) {
  const UniqueFd file(::memfd_create("filter", MFD_CLOEXEC));
  require(seccomp_export_bpf(filter, file.get()), "export");
  std::vector<sock_filter> out(static_cast<std::size_t>(::lseek(file.get(), 0, SEEK_END)) /
                               sizeof(sock_filter));
  const auto size = static_cast<ssize_t>(out.size() * sizeof(sock_filter));
  if (::pread(file.get(), out.data(), out.size() * sizeof(sock_filter), 0) != size) {
    throw std::runtime_error("the exported filter cannot be read");
  }
  return out;
}

}  // namespace

bool libseccomp_knows(const std::string& name) {
  return seccomp_syscall_resolve_name(name.c_str()) != __NR_SCMP_ERROR;
}

std::vector<sock_filter> filter_of_libseccomp(const SeccompProfile& profile) {
  const std::uint32_t by_default = action_of(profile.default_action, profile.default_error);
  const std::unique_ptr<void, decltype(&seccomp_release)> filter(seccomp_init(by_default),
                                                                 &seccomp_release);
  require(seccomp_attr_set(filter.get(), SCMP_FLTATR_ACT_BADARCH, SCMP_ACT_KILL_PROCESS),
          "bad architecture");
  for (const auto& name : profile.architectures) {
    std::string lower = name.substr(std::strlen("SCMP_ARCH_"));
    for (char& c : lower) c = static_cast<char>(std::tolower(c));
    const int added = seccomp_arch_add(filter.get(), seccomp_arch_resolve_name(lower.c_str()));
    if (added != -EEXIST) require(added, name);
  }
  for (const auto& rule : profile.rules) {
    const std::uint32_t action = action_of(rule.action, rule.error);
    if (action == by_default) continue;  // libseccomp refuses it
    for (const auto& name : rule.names) {
      const int call = seccomp_syscall_resolve_name(name.c_str());
      if (call != __NR_SCMP_ERROR) add(filter.get(), rule, action, call);
    }
  }
  return exported(filter.get());
}

}  // namespace mydocker::test
