#include "cli/protection.hpp"

#include <linux/capability.h>
#include <sys/resource.h>

#include <algorithm>

#include "helpers/names.hpp"
#include "helpers/numbers.hpp"
#include "helpers/text.hpp"
#include "mydocker/error.hpp"
#include "mydocker/host_facts.hpp"
#include "spec/defaults.hpp"
#include "spec/sysctls.hpp"

namespace mydocker::cli {
namespace {

[[noreturn]] void refuse(std::string_view option, const std::string& came, const std::string& why) {
  throw UsageError(std::string(option) + " " + text::quoted(came) + ": " + why);
}

void sort_once(std::vector<int>& set) {
  std::sort(set.begin(), set.end());
  set.erase(std::unique(set.begin(), set.end()), set.end());
}

// The names of one option, "ALL" as every capability that has a name.
struct NamedCapabilities {
  bool all = false;
  std::vector<int> numbers;
};

NamedCapabilities named(const char* option, const std::vector<std::string>& words) {
  NamedCapabilities out;
  for (const auto& word : words) {
    if (word == "ALL" || word == "all") {
      out.all = true;
    } else if (const auto number = names::parse_capability(word)) {
      out.numbers.push_back(*number);
    } else {
      refuse(option, word, "allowed are ALL and names of capabilities(7), as in NET_RAW");
    }
  }
  sort_once(out.numbers);
  return out;
}

std::vector<int> every_capability() {
  std::vector<int> out;
  while (names::parse_capability(names::capability(static_cast<int>(out.size()))))
    out.push_back(static_cast<int>(out.size()));
  return out;
}

std::vector<int> without(std::vector<int> set, const std::vector<int>& taken) {
  std::erase_if(set, [&](int capability) {
    return std::find(taken.begin(), taken.end(), capability) != taken.end();
  });
  return set;
}

// As docker has it: what is added remains, whatever is dropped; but all that is added is less what
// is dropped.
CapabilitySets capabilities(const Options& options, bool is_root) {
  CapabilitySets out = default_capabilities(is_root);
  const auto add = named("--cap-add", options.cap_add),
             drop = named("--cap-drop", options.cap_drop);
  std::vector<int> kept = add.all    ? every_capability()
                          : drop.all ? std::vector<int>{}
                                     : out.bounding;
  kept = without(std::move(kept), drop.numbers);
  if (!add.all) kept.insert(kept.end(), add.numbers.begin(), add.numbers.end());
  sort_once(kept);
  out.bounding = kept;
  if (is_root) {
    out.effective = out.permitted = kept;
  } else if (add.all || !add.numbers.empty()) {
    // Without the ambient set, execve would leave nothing of them to anybody but root.
    const auto added = add.all ? kept : add.numbers;
    out.effective = out.permitted = out.inheritable = out.ambient = added;
  }
  return out;
}

Sysctl setting(const std::string& text, const Namespaces& namespaces) {
  const auto equals = text.find('=');
  if (equals == std::string::npos || equals == 0 || equals + 1 == text.size())
    refuse("--sysctl", text, "allowed are NAME=VALUE, as in net.ipv4.ip_forward=1");
  Sysctl out{sysctl_in_dots(std::string_view(text).substr(0, equals)), text.substr(equals + 1)};
  if (std::any_of(out.value.begin(), out.value.end(), [](char c) { return c < ' ' && c != '\t'; }))
    refuse("--sysctl", text, "the value holds control characters");
  if (!is_sysctl(out.name)) refuse("--sysctl", text, "no name of a setting");
  if (out.name == "kernel.hostname") refuse("--sysctl", text, "--hostname is there for it");
  const auto [owner, word] = owner_of_sysctl(out.name, namespaces);
  if (owner == nullptr)
    refuse("--sysctl", text, "belongs to no namespace: it would change for the whole host");
  if (owner->is_inherited())
    refuse("--sysctl", text,
           "the container has no " + std::string(word) +
               " namespace of its own: it would change for the whole host");
  return out;
}

std::vector<unsigned> kept_descriptors(const Options& options, const Surroundings& around) {
  constexpr unsigned kMost = 1048575;
  std::vector<unsigned> out;
  for (const auto& text : options.keep_fd) {
    const auto number = numbers::parse(text, kMost);
    if (!number || *number < 3)
      refuse("--keep-fd", text, "allowed are the numbers of open descriptors from 3 on");
    const auto fd = static_cast<unsigned>(*number);
    if (const std::string why = around.why_not_kept(fd); !why.empty())
      refuse("--keep-fd", text, why);
    out.push_back(fd);
  }
  std::sort(out.begin(), out.end());
  out.erase(std::unique(out.begin(), out.end()), out.end());
  return out;
}

// Who makes device nodes, or mounts without nodev, reaches the host's disks: but for a device
// cgroup. In a user namespace the kernel lets nobody do either.
bool may_reach_devices(const ContainerSpec& spec) {
  const auto& kept = spec.process.capabilities.bounding;
  const auto has = [&](int capability) {
    return std::find(kept.begin(), kept.end(), capability) != kept.end();
  };
  return spec.namespaces.user.is_inherited() && (has(CAP_MKNOD) || has(CAP_SYS_ADMIN));
}

void shut_devices(ContainerSpec& spec) {
  if (!spec.cgroup) spec.cgroup = CgroupRequest{.path = default_cgroup_path(spec.id)};
  spec.cgroup->resources.devices = {DeviceRule{}};  // all denied, but for the usual ones
}

}  // namespace

void protect(const Options& options, const Surroundings& around, ContainerSpec& spec) {
  Process& process = spec.process;
  process.capabilities = capabilities(options, process.user.uid == 0);
  process.capabilities_were_given = !options.cap_add.empty();
  process.kept_descriptors = kept_descriptors(options, around);
  spec.file_access = FileAccess{options.landlock_ro, options.landlock_rw};
  for (const auto& text : options.sysctls) {
    Sysctl asked = setting(text, spec.namespaces);
    // The file is closed to a user namespace; the system call is not.
    if (asked.name == "kernel.domainname")
      spec.domainname = std::move(asked.value);
    else
      spec.sysctls.push_back(std::move(asked));
  }
  // Before what is asked for, so that it can be asked otherwise.
  if (spec.namespaces.user.is_new())
    spec.sysctls.insert(spec.sysctls.begin(), {"user.max_user_namespaces", "0"});
  process.rlimits = {{RLIMIT_CORE, 0, 0}};
  if (may_reach_devices(spec)) shut_devices(spec);
}

}  // namespace mydocker::cli
