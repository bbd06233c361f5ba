#include "cli/to_spec.hpp"

#include <algorithm>

#include "cli/image_options.hpp"
#include "cli/network_options.hpp"
#include "cli/protection.hpp"
#include "helpers/numbers.hpp"
#include "helpers/text.hpp"
#include "life/about.hpp"
#include "mydocker/error.hpp"
#include "mydocker/host_facts.hpp"
#include "spec/defaults.hpp"

namespace mydocker::cli {
namespace {

constexpr std::uint64_t kLargestMemory = 4294967296, kDefaultMemory = 1073741824;
constexpr std::string_view kPath =
    "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

// "-C '0': allowed are 1 to 100"
[[noreturn]] void refuse(std::string_view option, const std::string& came,
                         const std::string& allowed) {
  throw UsageError(std::string(option) + " " + text::quoted(came) + ": allowed are " + allowed);
}

unsigned in_range(std::string_view option, const std::optional<std::string>& text, unsigned least,
                  unsigned most, unsigned otherwise) {
  if (!text) return otherwise;
  const auto number = numbers::parse(*text, most);
  if (!number || *number < least)
    refuse(option, *text, std::to_string(least) + " to " + std::to_string(most));
  return static_cast<unsigned>(*number);
}

Bytes memory(const std::optional<std::string>& text) {
  if (!text) return Bytes{kDefaultMemory};
  const auto size = numbers::parse_size(*text);
  if (!size || size->count < 1 || size->count > kLargestMemory) {
    refuse("-M", *text, "1 to 4294967296 bytes, also with a unit k, m or g");
  }
  return *size;
}

std::optional<CgroupRequest> cgroup(const Options& options, const std::string& id) {
  const std::pair<const char*, const std::optional<std::string>*> all[] = {
      {"-M", &options.memory}, {"-C", &options.cpu}, {"-P", &options.pids}, {"-I", &options.io}};
  const auto* const given = std::find_if(std::begin(all), std::end(all),
                                         [](const auto& each) { return each.second->has_value(); });
  const bool some = given != std::end(all);
  if (!options.limits && some) {
    throw UsageError(std::string(given->first) + " " + text::quoted(**given->second) +
                     ": limits need -c in front, as in -ac " + given->first + " ...");
  }
  if (options.limits && !some) {
    throw UsageError("-c: needs at least one of -M, -C, -P, -I, as in -ac -M 512m");
  }
  if (!options.limits && !options.report) return std::nullopt;
  CgroupRequest out;
  out.path = default_cgroup_path(id);
  out.accounting = options.report.has_value();
  if (!options.limits) return out;
  Resources& resources = out.resources;
  resources.memory.limit = resources.memory.swap =
      static_cast<std::int64_t>(memory(options.memory).count);
  resources.cpu.percent = in_range("-C", options.cpu, 1, 100, 25);
  resources.pids = in_range("-P", options.pids, 10, 32768, 64);
  resources.block_io.weight = static_cast<std::uint16_t>(in_range("-I", options.io, 10, 1000, 10));
  out.io_weight_was_given = options.io.has_value();
  return out;
}

Mount volume(const std::string& text, bool id_mapped) {
  constexpr const char* kAllowed = "SRC:DST and SRC:DST:ro, DST an absolute path";
  const auto parts = text::split(text, ':');
  const bool has_mode = parts.size() == 3;
  if (parts.size() < 2 || parts.size() > 3 || parts[0].empty() || parts[1].empty())
    refuse("--volume", text, kAllowed);
  if (has_mode && parts[2] != "ro" && parts[2] != "rw") refuse("--volume", text, kAllowed);
  Mount out;
  out.kind = MountKind::bind;
  out.source = parts[0];
  out.target = parts[1];
  out.set_below = kNosuidNodev;
  out.set_below.read_only = has_mode && parts[2] == "ro";
  out.recursive = true;
  out.guarded = true;
  if (id_mapped) out.id_map = MountIdMap{{}, {}, true};
  return out;
}

Mount tmpfs(const std::string& text) {
  const auto colon = text.find(':');
  Mount out;
  out.type = "tmpfs";
  out.target = text.substr(0, colon);
  out.set = kInert;
  out.options = {{"mode", "1777"}};
  out.guarded = true;
  if (colon != std::string::npos) {
    const auto size = numbers::parse_size(std::string_view(text).substr(colon + 1));
    if (!size || size->count == 0)
      refuse("--tmpfs", text, "DST and DST:SIZE, a size in bytes or with k, m, g");
    out.options.emplace_back("size", std::to_string(size->count));
  }
  return out;
}

// How many folders a path goes down: "/a//b/" is 2.
std::size_t depth(std::string_view path) {
  std::size_t out = 0;
  for (std::size_t i = 0; i < path.size(); ++i) {
    if (path[i] != '/' && (i == 0 || path[i - 1] == '/')) ++out;
  }
  return out;
}

// The container's root is then its only user and group.
bool has_one_id(const ContainerSpec& spec) { return spec.without_root && spec.uid_map.size() == 1; }

// A mount on a folder comes before those in it, whatever the order on the command line.
std::vector<Mount> mounts(const Options& options, const ContainerSpec& spec) {
  const bool id_mapped = options.user_namespace && !spec.without_root;
  std::vector<Mount> asked;
  for (const auto& text : options.tmpfs) asked.push_back(tmpfs(text));
  for (const auto& text : options.volumes) asked.push_back(volume(text, id_mapped));
  std::stable_sort(asked.begin(), asked.end(), [](const Mount& a, const Mount& b) {
    return depth(a.target) < depth(b.target);
  });
  std::vector<Mount> out = default_mounts(!has_one_id(spec));
  for (auto& mount : asked) out.push_back(std::move(mount));
  return out;
}

// Every group may ping by a datagram socket; the kernel takes group ids up to 2^31 - 1 here.
Sysctl ping_group_range(const std::vector<IdRange>& gid_map) {
  constexpr std::uint32_t kLastGid = 2147483647;
  std::uint32_t last = gid_map.empty() ? kLastGid : 0;
  for (const auto& range : gid_map) {
    if (range.inside <= last) last = std::max(last, range.inside + range.count - 1);
  }
  return {"net.ipv4.ping_group_range", "0 " + std::to_string(std::min(last, kLastGid)), true};
}

void namespaces(const Options& options, const Surroundings& around, ContainerSpec& spec) {
  for (NamespaceUse* const use :
       {&spec.namespaces.cgroup, &spec.namespaces.network, &spec.namespaces.uts,
        &spec.namespaces.ipc, &spec.namespaces.pid, &spec.namespaces.mount}) {
    *use = kNewNamespace;
  }
  spec.without_root = !around.is_root && !options.dry_run;
  if (!options.user_namespace) {
    if (!spec.without_root) return;
    throw UsageError(
        "-U is missing: without root a container needs a user namespace, as in 'MyDocker -aU "
        "/bin/bash'; or run MyDocker as root: sudo MyDocker -a ...");
  }
  spec.namespaces.user = kNewNamespace;
  spec.uid_map = spec.gid_map = {kDefaultIds};
  if (!spec.without_root) return;
  auto own = around.own_ids();
  spec.uid_map = std::move(own.uids);
  spec.gid_map = std::move(own.gids);
}

void set_variable(std::vector<std::string>& environment, const std::string& assignment) {
  const std::string key = assignment.substr(0, assignment.find('=') + 1);
  const auto same =
      std::find_if(environment.begin(), environment.end(),
                   [&](const std::string& variable) { return variable.starts_with(key); });
  if (same == environment.end())
    environment.push_back(assignment);
  else
    *same = assignment;
}

// Nothing, unless somebody says it; an image says by an empty text that it does not mind.
std::optional<std::string> user_of(const Options& options, const std::optional<ImageRoot>& image) {
  if (options.user || !image || image->config.user.empty()) return options.user;
  return image->config.user;
}

std::string workdir_of(const Options& options, const std::optional<ImageRoot>& image) {
  if (options.workdir) return *options.workdir;
  return image && !image->config.workdir.empty() ? image->config.workdir : "/";
}

std::vector<std::string> environment(const Options& options, const std::optional<ImageRoot>& image,
                                     const Surroundings& around, const std::string& home,
                                     const std::string& hostname) {
  std::vector<std::string> out{std::string(kPath), "HOME=" + home,
                               "TERM=" + around.environment("TERM").value_or("xterm"),
                               "HOSTNAME=" + hostname};
  if (image) {
    for (const auto& variable : image->config.environment) set_variable(out, variable);
  }
  for (const auto& asked : options.environment) {
    if (asked.empty() || asked.front() == '=') refuse("--env", asked, "NAME and NAME=VALUE");
    if (asked.find('=') != std::string::npos) {
      set_variable(out, asked);
    } else if (const auto value = around.environment(asked)) {
      set_variable(out, asked + "=" + *value);
    }
  }
  return out;
}

std::optional<Terminal> terminal(const Options& options, const Surroundings& around) {
  if (options.tty && options.no_tty) throw UsageError("--tty and --no-tty: one of them at a time");
  if (options.life.detach && !options.tty) return std::nullopt;
  if (options.no_tty || (!around.is_terminal[0] && !options.tty)) return std::nullopt;
  Terminal out{around.is_terminal, around.rows, around.columns};
  if (!around.is_terminal[0] || options.life.detach) out.on_terminal = {true, true, true};
  return out;
}

// The first folder that the container may write to and that others of the host can enter.
std::string open_to_others(const ContainerSpec& spec, const Surroundings& around) {
  const std::string& root = spec.root.layers ? spec.root.layers->writable : spec.root.path;
  if (!spec.root.read_only && around.others_can_enter(root)) return root;
  for (const auto& mount : spec.mounts) {
    const bool is_writable = mount.kind == MountKind::bind && !mount.set_below.read_only;
    if (is_writable && around.others_can_enter(mount.source)) return mount.source;
  }
  return {};
}

SeccompProfile profile(const std::string& file, const ContainerSpec& spec,
                       const Surroundings& around) {
  SeccompProfile out = around.read_profile(file, spec.process.capabilities.bounding);
  const bool asks = std::any_of(out.rules.begin(), out.rules.end(), [](const SeccompRule& rule) {
    return rule.action == SeccompAction::notify;
  });
  if (asks) refuse("--seccomp", file, "profiles without SCMP_ACT_NOTIFY: nobody would answer");
  return out;
}

SeccompChoice seccomp(const Options& options, const ContainerSpec& spec,
                      const Surroundings& around) {
  const std::string list = options.seccomp.value_or("default");
  if (list == "default") return DefaultAllowlist{options.abi32};
  if (options.abi32)
    throw UsageError("--abi32: it widens '--seccomp default'; other lists say it themselves");
  if (list == "original") return OriginalDenylist{};
  if (list == "unconfined") return Unconfined{};
  if (list.find('/') != std::string::npos || list.ends_with(".json"))
    return profile(list, spec, around);
  refuse("--seccomp", list, "default, original, unconfined, and a file, as ./FILE or FILE.json");
}

SeccompWatch seccomp_watch(const Options& options, const SeccompChoice& choice) {
  if (options.seccomp_log && options.seccomp_learn)
    throw UsageError("--seccomp-log and --seccomp-learn: one of them at a time");
  if (options.seccomp_learn) return SeccompWatch::allowed;
  if (!options.seccomp_log) return SeccompWatch::none;
  if (std::holds_alternative<Unconfined>(choice))
    throw UsageError("--seccomp-log: '--seccomp unconfined' refuses nothing");
  return SeccompWatch::refused;
}

}  // namespace

ContainerSpec to_spec(const Options& options, const Surroundings& around) {
  if (!options.all_namespaces) {
    throw UsageError(
        "-a is missing: a container needs its namespaces, as in 'MyDocker -a /bin/bash'");
  }
  ContainerSpec spec;
  spec.id = options.name.value_or(around.random_id);
  spec.cgroup = cgroup(options, spec.id);
  spec.hostname = options.hostname.value_or("container");
  namespaces(options, around, spec);
  const auto image = image_root(options, around);
  NetworkOptions network = options.network;
  network.ports = ports_of(options, image);
  set_network(network, around, spec);
  spec.root = root_of(options, image, around, spec);
  spec.mounts = mounts(options, spec);
  share_sys(spec);
  spec.devices = default_devices();
  spec.masks = default_masks();
  // In a network of others it is theirs to say.
  if (spec.namespaces.network.is_new()) spec.sysctls = {ping_group_range(spec.gid_map)};

  ResolvedUser who{User{0, 0, {0}}, "/root"};
  if (const auto user = user_of(options, image))
    who = resolve_user(*user, around.user_files(spec.root));
  spec.process.user = who.user;
  if (has_one_id(spec)) spec.process.user.groups.clear();  // the kernel lets nobody set them then
  spec.process.argv = entrypoint_of(options, image);
  spec.process.workdir = workdir_of(options, image);
  spec.process.make_workdir = image && !options.workdir;
  spec.process.stop_signal = stop_signal_of(options, image);
  spec.process.init = options.init;
  spec.process.environment = environment(options, image, around, who.home, spec.hostname);
  spec.process.terminal = terminal(options, around);

  protect(options, around, spec);
  spec.seccomp = seccomp(options, spec, around);  // by the capabilities that it holds now
  spec.seccomp_watch = seccomp_watch(options, spec.seccomp);
  spec.open_to_others = open_to_others(spec, around);
  spec.remembered = life::remembered(spec, options.image.image.value_or(""));
  const auto problems = problems_of(spec);
  if (!problems.empty()) throw UsageError(text::join(problems, "\n"));
  return spec;
}

}  // namespace mydocker::cli
