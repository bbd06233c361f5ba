// What the plan has to know of the host: read once, before planning; faked in tests.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "mydocker/network.hpp"
#include "mydocker/systemd_unit.hpp"

namespace mydocker {

struct ContainerSpec;

// One mounted cgroup hierarchy; see cgroups(7).
struct CgroupHierarchy {
  int version = 2;  // 1 or 2
  std::string mount_point;
  std::vector<std::string> controllers;  // those that can be used here
  // v2: the top folder holds processes and is not the kernel's own root, so that its controllers
  // can be enabled only after they have left it for a leaf (the no-internal-process rule).
  bool leave_for_leaf = false;
  std::string name;  // v1: of a hierarchy that has one ("systemd") beside or instead of controllers
  bool operator==(const CgroupHierarchy&) const = default;
};

// The folder `path` of `hierarchy`, with or without a leading slash: <mount point>/mydocker/<id>.
[[nodiscard]] std::string cgroup_folder(const CgroupHierarchy& hierarchy, std::string_view path);

// Where the classic command line puts container `id`: mydocker/<id>.
[[nodiscard]] std::string default_cgroup_path(std::string_view id);

struct CgroupLayout {
  std::vector<CgroupHierarchy> hierarchies;
  // The hierarchy that serves `controller`, or null: each controller is bound to one at most.
  [[nodiscard]] const CgroupHierarchy* find(std::string_view controller) const;
  bool operator==(const CgroupLayout&) const = default;
};

// What the container's cgroup says already, where it exists: some limits hold together, so that
// the order of writing depends on it. Missing: no limit, or no such folder.
struct CgroupNow {
  std::optional<std::uint64_t> memory_limit, memory_and_swap, memory_usage;  // bytes
  std::optional<std::uint64_t> cpu_quota, cpu_period;                        // microseconds
  bool operator==(const CgroupNow&) const = default;
};

// Where the kernel's shares of caches are mounted by everybody.
inline constexpr std::string_view kResctrl = "/sys/fs/resctrl";

struct HostFacts {
  bool can_make_nodes = true;   // CAP_MKNOD: else devices are bind mounts
  bool can_copy_mounts = true;  // CAP_SYS_ADMIN: else only the child can, in its own namespaces
  bool can_map_ids = true;      // CAP_SETUID, CAP_SETGID: else its own id alone, or by newuidmap(1)
  std::uint32_t uid = 0, gid = 0;  // MyDocker's own
  int last_capability = 40;        // the highest that this kernel knows, see capabilities(7)
  // Capabilities that MyDocker lacks itself and cannot hand on; those of a new user namespace are
  // its own.
  std::vector<int> lacking_capabilities;
  Systemd systemd = Systemd::of_system;  // the one that makes units for MyDocker
  // The folder of the slices, if the spec asks for systemd's driver; missing: no systemd runs here.
  std::optional<std::string> systemd_root;
  bool has_resctrl = false;  // kResctrl is mounted; asked only if the spec wants it
  int landlock_abi = 5;      // 0: the kernel has none; asked only if the spec restricts files
  // That have a folder thermal_throttle; asked only if the spec hides it.
  unsigned throttling_cpus = 0;
  bool has_swap = false;
  bool io_weight_works = true;  // some disk's scheduler honours a weight
  std::string record_folder = "/run/mydocker";
  // Device rules can be made: CAP_SYS_ADMIN of the host's own user namespace.
  bool can_limit_devices = true;
  CgroupNow cgroup_now;
  NetworkFacts network;  // read only if the spec wants more of the network than a loopback
  CgroupLayout cgroups;  // filled only if the spec asks for a cgroup or mounts them
};

// Where the records of running containers are: /run/mydocker, or a user's own.
[[nodiscard]] std::string record_folder();

// Reads just what `spec` needs: each start pays for what it uses. Throws std::system_error.
[[nodiscard]] HostFacts read_host_facts(const ContainerSpec& spec);

}  // namespace mydocker
