// Fixed surroundings, hosts and specs, so that a test says only what matters to it.
#pragma once

#include <string>
#include <vector>

#include "cli/options.hpp"
#include "cli/to_spec.hpp"
#include "mydocker/error.hpp"
#include "mydocker/plan.hpp"

namespace mydocker::test {

using Words = std::vector<std::string>;

inline cli::Options options_of(const Words& words) {
  std::vector<const char*> pointers;
  for (const auto& word : words) pointers.push_back(word.c_str());
  return cli::parse_options(pointers);
}

// No terminal, TERM and SECRET set outside, a root with the users root, app and a few groups.
inline cli::Surroundings fake_surroundings() {
  cli::Surroundings out;
  out.environment = [](const std::string& name) -> std::optional<std::string> {
    if (name == "TERM") return "vt100";
    if (name == "SECRET") return "outside";
    return std::nullopt;
  };
  out.default_root = "/srv/root";
  out.random_id = "0123456789ab";
  out.user_files = [](const Root&) {
    return UserFiles{"root:x:0:0:root:/root:/bin/bash\napp:x:1000:1001:App:/home/app:/bin/sh\n",
                     "root:x:0:\nstaff:x:50:app\nother:x:60:root\n"};
  };
  out.why_not_kept = [](unsigned fd) {
    return std::string(fd < 10 ? "" : "that descriptor is not open");
  };
  out.read_profile = [](const std::string& file, const std::vector<int>& capabilities) {
    SeccompProfile profile;
    profile.rules = {{{file, std::to_string(capabilities.size())}, SeccompAction::allow, {}, {}}};
    return profile;
  };
  out.cni_network = [](const std::string& name) {
    CniNetwork network{.name = name, .version = "1.0.0", .path = "/usr/lib/cni"};
    network.plugins = {{"bridge", "/usr/lib/cni/bridge", R"({"type":"bridge"})", false},
                       {"portmap", "/usr/lib/cni/portmap", R"({"type":"portmap"})", true}};
    return network;
  };
  out.others_can_enter = [](const std::string& path) { return path.starts_with("/open/"); };
  return out;
}

inline ContainerSpec spec_of(const Words& words) {
  return cli::to_spec(options_of(words), fake_surroundings());
}

// The text of the refusal, or a sentence that no test expects.
inline std::string refusal_of(const Words& words) {
  try {
    static_cast<void>(spec_of(words));
  } catch (const UsageError& error) {
    return error.what();
  }
  return "it was accepted";
}

inline CgroupHierarchy v2(std::vector<std::string> controllers,
                          std::string top = "/sys/fs/cgroup") {
  return {2, std::move(top), std::move(controllers), false, {}};
}

inline CgroupHierarchy v1(std::vector<std::string> controllers, std::string top,
                          std::string name = {}) {
  return {1, std::move(top), std::move(controllers), false, std::move(name)};
}

inline HostFacts host_with(std::vector<CgroupHierarchy> hierarchies) {
  HostFacts facts;
  facts.cgroups.hierarchies = std::move(hierarchies);
  return facts;
}

inline HostFacts v2_host() { return host_with({v2({"cpuset", "cpu", "io", "memory", "pids"})}); }

inline HostFacts v1_host() {
  return host_with({v1({"cpu", "cpuacct"}, "/sys/fs/cgroup/cpu,cpuacct"),
                    v1({"blkio"}, "/sys/fs/cgroup/blkio"), v1({"memory"}, "/sys/fs/cgroup/memory"),
                    v1({"pids"}, "/sys/fs/cgroup/pids")});
}

inline Plan plan_of(const ContainerSpec& spec, const HostFacts& facts = v2_host()) {
  return make_plan(stages(), spec, facts);
}

inline Plan plan_for(const Words& words, const HostFacts& facts = v2_host()) {
  return plan_of(spec_of(words), facts);
}

// What a plan that cannot be made says.
inline std::string refused(const Words& words, const HostFacts& facts) {
  try {
    static_cast<void>(plan_for(words, facts));
  } catch (const SetupError& error) {
    return message_of(error);
  }
  return "it was planned";
}

// A spec with nothing in it but a root, an entrypoint, and namespaces of mounts and pids.
inline ContainerSpec bare_spec() {
  ContainerSpec spec;
  spec.id = "web";
  spec.process.argv = {"ls"};
  spec.root.path = "/srv/root";
  spec.root.flags = {};
  spec.namespaces.mount = spec.namespaces.pid = kNewNamespace;
  return spec;
}

// What --volume and --tmpfs became: the mounts that a user asked for.
inline std::vector<Mount> guarded_mounts(const ContainerSpec& spec) {
  std::vector<Mount> out;
  for (const auto& mount : spec.mounts) {
    if (mount.guarded) out.push_back(mount);
  }
  return out;
}

inline Mount bind_mount(std::string source, std::string target) {
  Mount out;
  out.kind = MountKind::bind;
  out.source = std::move(source);
  out.target = std::move(target);
  return out;
}

inline Mount tmpfs_mount(std::string target) {
  Mount out;
  out.type = out.source = "tmpfs";
  out.target = std::move(target);
  return out;
}

inline NamespaceUse joined(std::string path) {
  return {NamespaceUse::Kind::joined, std::move(path)};
}

// The request that makes a tree private with the attributes `flags` on all its mounts.
inline SetTree private_tree(Tree tree, const MountFlags& flags) {
  return {.tree = tree, .set_below = flags};
}

// The same, with the ids of the child's user namespace.
inline SetTree mapped_tree(Tree tree, const MountFlags& flags) {
  SetTree out = private_tree(tree, flags);
  out.id_map = MountIdMap{{}, {}, true};
  return out;
}

// Whether an id map of the child is written by anybody.
inline bool writes_id_maps(const Plan& plan) {
  for (const auto* const steps : {&plan.prepare, &plan.attach, &plan.meanwhile, &plan.enter}) {
    for (const auto& step : *steps) {
      const auto* const write = std::get_if<WriteFile>(&step.action);
      if (write != nullptr && write->path.ends_with("id_map")) return true;
    }
  }
  return false;
}

// The requests of one kind, in order.
template <class Kind>
std::vector<Kind> all(const std::vector<Step>& steps) {
  std::vector<Kind> out;
  for (const auto& step : steps) {
    if (const auto* const action = std::get_if<Kind>(&step.action)) out.push_back(*action);
  }
  return out;
}

// The place of the first request that equals `action`, or the number of steps.
inline std::size_t index_of(const std::vector<Step>& steps, const Action& action) {
  std::size_t at = 0;
  while (at < steps.size() && !(steps[at].action == action)) ++at;
  return at;
}

inline bool has(const std::vector<Step>& steps, const Action& action) {
  return index_of(steps, action) < steps.size();
}

}  // namespace mydocker::test
