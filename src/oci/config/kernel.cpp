// What the kernel keeps for the container besides its files and processes: `hostname`,
// `domainname`, `linux.sysctl`, `personality`, `memoryPolicy`, `intelRdt`.
#include <sys/personality.h>

#include <algorithm>

#include "helpers/text.hpp"
#include "oci/config/sections.hpp"
#include "oci/config/words.hpp"
#include "spec/sysctls.hpp"

namespace mydocker::oci {
namespace {

bool has_own(const NamespaceUse& use) { return use.kind != NamespaceUse::Kind::inherited; }

void read_name(const Value& name, std::string& out, const ContainerSpec& spec) {
  // See sethostname(2).
  constexpr std::size_t kLongest = 64;
  if (!name.into(out) || out.empty()) return;
  if (out.size() > kLongest) name.refuse("longer than 64 bytes");
  if (!has_own(spec.namespaces.uts))
    name.refuse("linux.namespaces has no 'uts': the host's own name would change");
}

void check_sysctl(const Value& value, std::string_view name, const ContainerSpec& spec) {
  const auto [owner, word] = owner_of_sysctl(name, spec.namespaces);
  if (!is_sysctl(name)) {
    value.refuse_place("no name of a setting");
  } else if (name == "kernel.hostname") {
    value.refuse_place("the property 'hostname' is there for it");
  } else if (owner == nullptr) {
    value.refuse_place("belongs to no namespace: it would change for the whole host");
  } else if (!has_own(*owner)) {
    value.refuse_place("linux.namespaces has no '" + std::string(word) +
                       "': it would change for the whole host");
  }
}

// See set_mempolicy(2).
void check_nodes(const Value& nodes, const MemoryPolicy& policy) {
  const bool takes_none = policy.mode == MPOL_DEFAULT || policy.mode == MPOL_LOCAL;
  // To MPOL_PREFERRED an empty list means the node that the process runs on.
  const bool needs_some = !takes_none && policy.mode != MPOL_PREFERRED;
  if (takes_none && !policy.nodes.empty())
    nodes.refuse("MPOL_DEFAULT and MPOL_LOCAL take no nodes");
  if (needs_some && policy.nodes.empty())
    nodes.refuse_place("missing: this mode needs at least one node");
}

// A line of resctrl's schemata file.
bool is_line(std::string_view text) {
  return !text.empty() && text.find('\n') == std::string_view::npos;
}

void read_schemata(const Value& rdt, std::vector<std::string>& out) {
  std::string text;
  // Older engines put several lines into it.
  if (rdt["l3CacheSchema"].into(text)) {
    for (const auto line : text::split(text, '\n')) {
      if (!line.empty()) out.emplace_back(line);
    }
  }
  const Value bandwidth = rdt["memBwSchema"];
  if (bandwidth.into(text) && !text.empty()) {
    if (!text.starts_with("MB:") || !is_line(text))
      bandwidth.refuse("has to be one line that begins with MB:");
    out.push_back(text);
  }
  for (const Value& each : rdt["schemata"].elements()) {
    if (!each.into(text)) continue;
    if (!is_line(text)) each.refuse("has to be one line");
    out.push_back(text);
  }
}

}  // namespace

void read_names(const Value& file, ContainerSpec& spec) {
  read_name(file["hostname"], spec.hostname, spec);
  read_name(file["domainname"], spec.domainname, spec);
}

void read_sysctls(const Value& sysctls, ContainerSpec& spec) {
  for (const auto& [name, value] : sysctls.members()) {
    Sysctl out{sysctl_in_dots(name), {}};
    check_sysctl(value, out.name, spec);
    if (value.into(out.value)) spec.sysctls.push_back(std::move(out));
  }
}

void read_personality(const Value& personality, Process& out) {
  constexpr Word<unsigned long> kDomains[] = {{"LINUX", PER_LINUX}, {"LINUX32", PER_LINUX32}};
  if (!personality.is_given()) return;
  out.personality = personality["domain"].required().one_of(kDomains);
  if (!personality["flags"].elements().empty())
    personality["flags"].refuse_place("the specification has no flag yet");
}

void read_memory_policy(const Value& policy, Process& out) {
  if (!policy.is_given()) return;
  MemoryPolicy wanted;
  const auto mode = policy["mode"].required().one_of(kMemoryPolicyModes);
  for (const Value& flag : policy["flags"].elements())
    wanted.flags |= flag.one_of(kMemoryPolicyFlags).value_or(0);
  constexpr unsigned kEither = MPOL_F_RELATIVE_NODES | MPOL_F_STATIC_NODES;
  if ((wanted.flags & kEither) == kEither)
    policy["flags"].refuse_place(
        "MPOL_F_RELATIVE_NODES and MPOL_F_STATIC_NODES exclude each other");
  read_list(policy["nodes"], wanted.nodes);
  if (mode) {
    wanted.mode = *mode;
    check_nodes(policy["nodes"], wanted);
  }
  out.memory_policy = std::move(wanted);
}

void read_intel_rdt(const Value& rdt, ContainerSpec& spec) {
  if (!rdt.is_given()) return;
  IntelRdt out;
  const Value group = rdt["closID"];
  // "/" alone is the default group, the top of resctrl.
  if (group.into(out.group) && out.group != "/" &&
      (out.group == "." || out.group == ".." || out.group.find('/') != std::string::npos))
    group.refuse("has to be the name of one folder, or '/'");
  read_schemata(rdt, out.schemata);
  // The older two, until 1.2.1, asked for parts of what is switched on as a whole.
  for (const char* const name : {"enableMonitoring", "enableCMT", "enableMBM"}) {
    bool wanted = false;
    if (rdt[name].into(wanted)) out.monitoring = out.monitoring || wanted;
  }
  spec.intel_rdt = std::move(out);
}

}  // namespace mydocker::oci
