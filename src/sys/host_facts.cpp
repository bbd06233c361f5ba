// Reads what the plan has to know of this host.
#include <linux/capability.h>
#include <sys/stat.h>
#include <sys/sysinfo.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>

#include "helpers/cpu_paths.hpp"
#include "helpers/numbers.hpp"
#include "helpers/text.hpp"
#include "mydocker/error.hpp"
#include "mydocker/host_facts.hpp"
#include "mydocker/spec.hpp"
#include "sys/capabilities.hpp"
#include "sys/cgroups.hpp"
#include "sys/files.hpp"
#include "sys/landlock.hpp"
#include "sys/network_facts.hpp"
#include "sys/own_cgroups.hpp"
#include "sys/systemd.hpp"
#include "sys/user_namespaces.hpp"

namespace mydocker {
namespace {

bool has_swap() {
  struct sysinfo info {};
  return ::sysinfo(&info) == 0 && info.totalswap > 0;
}

// bfq honours weights per disk; on v2 the io.cost controller does for those that it is enabled for.
bool io_weight_works(const CgroupLayout& layout) {
  for (const auto& disk : sys::names_in("/sys/block")) {
    const auto scheduler = sys::try_read_file("/sys/block/" + disk + "/queue/scheduler");
    if (scheduler && scheduler->find("[bfq]") != std::string::npos) return true;
  }
  const auto* const io = layout.find("io");
  if (io == nullptr) return false;
  const auto cost = sys::try_read_file(io->mount_point + "/io.cost.qos");
  return cost && cost->find("enable=1") != std::string::npos;
}

// The one number of a file, or nothing for "max", "-1", and what v1 has in its place: the largest
// number of bytes in whole pages.
std::optional<std::uint64_t> try_read_limit(const CgroupHierarchy* hierarchy,
                                            const std::string& path, const char* v1, const char* v2,
                                            std::size_t word = 0) {
  constexpr std::uint64_t kLargest = std::uint64_t{1} << 62;
  if (hierarchy == nullptr) return std::nullopt;
  const std::string file = sys::try_read_file(cgroup_folder(*hierarchy, path) + "/" +
                                              (hierarchy->version == 2 ? v2 : v1))
                               .value_or("");
  const auto words = text::words(file);
  return word < words.size() ? numbers::parse(words[word], kLargest) : std::nullopt;
}

CgroupNow read_cgroup_now(const CgroupRequest& request, const CgroupLayout& layout) {
  CgroupNow out;
  const auto read = [&](const char* controller, const char* v1, const char* v2,
                        std::size_t word = 0) {
    return try_read_limit(layout.find(controller), request.path, v1, v2, word);
  };
  const MemoryResources& memory = request.resources.memory;
  if (memory.limit || memory.swap) {
    out.memory_limit = read("memory", "memory.limit_in_bytes", "memory.max");
    out.memory_and_swap = read("memory", "memory.memsw.limit_in_bytes", "");
    if (memory.check_before_update)
      out.memory_usage = read("memory", "memory.usage_in_bytes", "memory.current");
  }
  const CpuResources& cpu = request.resources.cpu;
  if (cpu.quota || cpu.period || cpu.burst) {
    out.cpu_quota = read("cpu", "cpu.cfs_quota_us", "cpu.max");
    out.cpu_period = read("cpu", "cpu.cfs_period_us", "cpu.max",
                          layout.find("cpu") != nullptr && layout.find("cpu")->version == 2);
  }
  return out;
}

void read_cgroup_facts(const CgroupRequest& request, HostFacts& facts) {
  const MemoryResources& memory = request.resources.memory;
  facts.has_swap = (memory.limit || memory.swap) && has_swap();
  const bool weight_matters =
      request.io_weight_was_given || (request.every_hierarchy && request.resources.block_io.weight);
  if (weight_matters) facts.io_weight_works = io_weight_works(facts.cgroups);
  if (!request.every_hierarchy) return;
  facts.cgroup_now = read_cgroup_now(request, facts.cgroups);
  if (!request.resources.devices.empty())
    facts.can_limit_devices =
        sys::has_capability(CAP_SYS_ADMIN) && sys::is_in_first_user_namespace();
}

void read_systemd_facts(HostFacts& facts) {
  facts.systemd = sys::own_systemd();
  try {
    facts.systemd_root = sys::systemd_root(facts.systemd);
  } catch (const sys::SystemdError& error) {
    throw SetupError("cgroup", std::string("ask systemd for its cgroup: ") + error.what(), 0,
                     error.hint());
  }
}

// How many processors have what a mask with a star hides; on most machines, none.
unsigned count_throttling(const Masks& masks) {
  const auto star =
      std::find_if(masks.hidden.begin(), masks.hidden.end(),
                   [](const std::string& path) { return cpu_paths::is_for_each(path); });
  if (star == masks.hidden.end() || !sys::exists(cpu_paths::of(*star, 0))) return 0;
  return static_cast<unsigned>(std::max(::sysconf(_SC_NPROCESSORS_CONF), 1L));
}

// What MyDocker itself may do and hand on.
void read_own_power(const ContainerSpec& spec, HostFacts& facts) {
  const auto mine = sys::permitted_capabilities();
  const auto has = [&mine](int capability) {
    return std::find(mine.begin(), mine.end(), capability) != mine.end();
  };
  if (spec.namespaces.user.is_inherited()) {
    for (int capability = 0; capability <= facts.last_capability; ++capability) {
      if (!has(capability)) facts.lacking_capabilities.push_back(capability);
    }
  }
  if (spec.lifetime != Lifetime::its_own && !spec.without_root) return;
  facts.can_copy_mounts = has(CAP_SYS_ADMIN);
  facts.can_map_ids = has(CAP_SETUID) && has(CAP_SETGID);
  facts.uid = ::geteuid();
  facts.gid = ::getegid();
}

}  // namespace

std::string record_folder() {
  const uid_t uid = ::geteuid();
  if (uid == 0) return "/run/mydocker";
  // Of whoever became another user, the variable may name a folder of the one before.
  const char* const named = std::getenv("XDG_RUNTIME_DIR");
  for (const std::string& folder :
       {std::string(named != nullptr ? named : ""), "/run/user/" + std::to_string(uid)}) {
    struct stat info {};
    const bool is_own = folder.starts_with('/') && ::stat(folder.c_str(), &info) == 0 &&
                        S_ISDIR(info.st_mode) && info.st_uid == uid;
    if (is_own) return folder + "/mydocker";
  }
  return "/tmp/mydocker-" + std::to_string(uid);
}

const CgroupHierarchy* CgroupLayout::find(std::string_view controller) const {
  for (const auto& hierarchy : hierarchies) {
    const auto& list = hierarchy.controllers;
    if (std::find(list.begin(), list.end(), controller) != list.end()) return &hierarchy;
  }
  return nullptr;
}

std::string cgroup_folder(const CgroupHierarchy& hierarchy, std::string_view path) {
  while (path.starts_with('/')) path.remove_prefix(1);
  return hierarchy.mount_point + "/" + std::string(path);
}

std::string default_cgroup_path(std::string_view id) { return "mydocker/" + std::string(id); }

HostFacts read_host_facts(const ContainerSpec& spec) {
  HostFacts facts;
  const bool is_root = ::geteuid() == 0;
  facts.record_folder = record_folder();
  facts.last_capability = sys::last_capability();
  // A user namespace may not make nodes either way, so nobody asks; --dry-run plans as if root.
  if (spec.namespaces.user.is_inherited())
    facts.can_make_nodes = !is_root || sys::has_capability(CAP_MKNOD);
  // Root of the classic command line does not ask what it has, unless somebody wants more than the
  // usual few handed on.
  const bool has_what_it_has = spec.lifetime == Lifetime::its_own || spec.without_root;
  if (has_what_it_has || (is_root && spec.process.capabilities_were_given))
    read_own_power(spec, facts);
  if (spec.cgroup && spec.cgroup->driver == CgroupDriver::systemd && sys::is_systemd_running())
    read_systemd_facts(facts);
  if (spec.file_access) facts.landlock_abi = sys::landlock_abi();
  facts.throttling_cpus = count_throttling(spec.masks);
  if (spec.intel_rdt) facts.has_resctrl = sys::exists(std::string(kResctrl) + "/schemata");
  if (has_own_link(spec.network.kind)) facts.network = sys::read_network_facts(spec.network);
  const bool mounts_cgroups =
      std::any_of(spec.mounts.begin(), spec.mounts.end(),
                  [](const Mount& mount) { return mount.kind == MountKind::cgroups; });
  if (!spec.cgroup && !mounts_cgroups) return facts;
  facts.cgroups = spec.without_root ? sys::own_cgroup_layout() : sys::read_cgroup_layout();
  // Without root only what has been delegated: a limit that would need another is refused then.
  if (!is_root && spec.lifetime == Lifetime::its_own) {
    std::erase_if(facts.cgroups.hierarchies, [](const CgroupHierarchy& hierarchy) {
      return ::access(hierarchy.mount_point.c_str(), W_OK) < 0;
    });
  }
  if (spec.cgroup) read_cgroup_facts(*spec.cgroup, facts);
  return facts;
}

}  // namespace mydocker
