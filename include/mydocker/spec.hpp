// What somebody asks for, in one value: both front ends (flags; config.json) end in a
// ContainerSpec.
#pragma once

#include <sys/types.h>

#include <algorithm>
#include <array>
#include <csignal>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "mydocker/hook.hpp"
#include "mydocker/mount.hpp"
#include "mydocker/network.hpp"
#include "mydocker/resources.hpp"
#include "mydocker/seccomp_profile.hpp"

namespace mydocker {

// Which namespace of one kind the container lives in: the one that MyDocker itself is in, a new
// one, or one that exists and has a path (/proc/PID/ns/net, /run/netns/NAME).
struct NamespaceUse {
  enum class Kind { inherited, fresh, joined } kind = Kind::inherited;
  std::string path;
  [[nodiscard]] bool is_inherited() const { return kind == Kind::inherited; }
  [[nodiscard]] bool is_new() const { return kind == Kind::fresh; }
  [[nodiscard]] bool is_joined() const { return kind == Kind::joined; }
  bool operator==(const NamespaceUse&) const = default;
};
inline const NamespaceUse kNewNamespace{NamespaceUse::Kind::fresh, {}};

struct Namespaces {
  NamespaceUse user, cgroup, network, uts, ipc, pid, mount, time;
  bool operator==(const Namespaces&) const = default;
};

// Offsets of a new time namespace's clocks, see time_namespaces(7).
struct TimeOffset {
  std::string clock;  // "monotonic", "boottime"
  std::int64_t seconds = 0;
  std::uint32_t nanoseconds = 0;
  bool operator==(const TimeOffset&) const = default;
};

enum class CgroupDriver { cgroupfs, systemd };

// The container's cgroup, and what all in it may use together.
struct CgroupRequest {
  std::string
      path;  // below each hierarchy's mount point: "mydocker/ID"; systemd: slice:prefix:name
  CgroupDriver driver = CgroupDriver::cgroupfs;
  Resources resources;
  bool every_hierarchy = false;  // a folder in each of them, whether something is limited or not
  // A process enters the cgroup of a container that runs: nothing is made, written or removed. It
  // enters `joined_folders`, absolute ones of any hierarchy, or else `path` in each of them.
  bool join_existing = false;
  std::vector<std::string> joined_folders;
  bool io_weight_was_given = false;  // said by the user, so worth a warning where it has no effect
  bool accounting = false;  // a report is wanted: controllers count even where nothing is limited
  bool operator==(const CgroupRequest&) const = default;
};

struct User {
  uid_t uid = 0;
  gid_t gid = 0;
  std::vector<gid_t> groups;  // supplementary ones; the caller's own are never kept
  bool operator==(const User&) const = default;
};

// The container's own pseudo-terminal, and which of its standard descriptors are on it: those that
// were on a terminal outside. A pipe or a file is handed through as it is.
struct Terminal {
  std::array<bool, 3> on_terminal{};
  unsigned short rows = 24, columns = 80;
  bool operator==(const Terminal&) const = default;
};

// The five sets of capabilities(7), as numbers.
struct CapabilitySets {
  std::vector<int> bounding, effective, permitted, inheritable, ambient;
  bool operator==(const CapabilitySets&) const = default;
};

struct Rlimit {
  int resource = 0;  // RLIMIT_*, see getrlimit(2)
  std::uint64_t soft = 0, hard = 0;
  bool operator==(const Rlimit&) const = default;
};

// See sched_setattr(2).
struct Scheduler {
  unsigned policy = 0;  // SCHED_*
  std::int32_t nice = 0;
  std::uint32_t priority = 0;
  std::uint64_t flags = 0, runtime = 0, deadline = 0, period = 0;
  bool operator==(const Scheduler&) const = default;
};

// See ioprio_set(2).
struct IoPriority {
  int io_class = 0, level = 0;
  bool operator==(const IoPriority&) const = default;
};

// See set_mempolicy(2).
struct MemoryPolicy {
  int mode = 0;        // MPOL_*
  unsigned flags = 0;  // MPOL_F_*
  std::string nodes;   // a list as in cpuset(7)
  bool operator==(const MemoryPolicy&) const = default;
};

struct Process {
  std::vector<std::string> argv;  // the entrypoint and its words; never empty once validated
  bool is_probe = false;  // the entrypoint is the probe that MyDocker carries; argv is its words
  std::vector<std::string> environment;  // "KEY=value", all of it: nothing is inherited
  std::string workdir = "/";
  bool make_workdir = false;  // where the root lacks it
  User user;
  unsigned umask = 022;
  std::optional<Terminal> terminal;
  bool init = false;          // a small PID 1 that reaps and forwards signals
  int stop_signal = SIGTERM;  // asks it to end
  CapabilitySets capabilities;
  bool capabilities_were_given = false;  // by the user, so worth a warning where they are lacking
  bool no_new_privileges = true;
  std::vector<Rlimit> rlimits;
  std::optional<int> oom_score_adj;
  std::optional<Scheduler> scheduler;
  std::optional<IoPriority> io_priority;
  std::optional<unsigned long> personality;  // see personality(2)
  std::optional<MemoryPolicy> memory_policy;
  // Processors to run on, lists as in cpuset(7): while a process joins, and from its exec on.
  std::string initial_affinity, final_affinity;
  std::string apparmor_profile, selinux_label;
  bool new_keyring = true;
  std::vector<unsigned> kept_descriptors;  // that outlive exec besides 0 to 2, in order
  bool operator==(const Process&) const = default;
};

// A root of several folders over each other, the topmost first, and a writable one on top: see
// Documentation/filesystems/overlayfs.rst.
struct Layers {
  std::vector<std::string> lower;
  std::string image;         // the folder that is locked while the layers are in use; empty: none
  std::string writable;      // holds the upper and the work folder
  bool keeps = false;        // what is written there stays; else it is removed at the end
  std::optional<Disk> disk;  // in the place of the folders
  bool operator==(const Layers&) const = default;
};

struct Root {
  std::string path;              // a folder of the host; with layers what messages call it
  bool read_only = false;
  MountFlags flags = kNosuidNodev;
  // Its files belong to the container's root, whoever owns them on the disk (user namespaces only).
  bool id_mapped = false;
  std::optional<MountPropagation> propagation;  // none: private
  std::optional<Layers> layers;                 // in the place of one folder
  bool operator==(const Root&) const = default;
};

// What hides in /proc and /sys what a container has no business with.
struct Masks {
  std::vector<std::string> hidden, read_only;
  // What a hidden file is like: opening it fails (EACCES), or it is empty.
  enum class File { unreadable, empty } file = File::unreadable;
  bool operator==(const Masks&) const = default;
};

// A setting below /proc/sys that belongs to one of the container's namespaces.
struct Sysctl {
  std::string name, value;  // "net.ipv4.ping_group_range"
  bool may_be_lacking = false;
  bool operator==(const Sysctl&) const = default;
};

// What the container's processes may do with files besides what modes and owners allow: all below
// the root, or, if paths are named, only what lies below those and below /dev and /proc.
struct FileAccess {
  std::vector<std::string> read_only, read_write;  // paths inside
  [[nodiscard]] bool is_whole_root() const { return read_only.empty() && read_write.empty(); }
  bool operator==(const FileAccess&) const = default;
};

struct Unconfined {
  bool operator==(const Unconfined&) const = default;
};
// Our own list of what is allowed; the capabilities of the bounding set widen it.
struct DefaultAllowlist {
  bool abi32 = false;  // 32-bit programs run too: the kernel's other entry points are open
  bool operator==(const DefaultAllowlist&) const = default;
};
// The original's list of what is refused.
struct OriginalDenylist {
  bool operator==(const OriginalDenylist&) const = default;
};
using SeccompChoice = std::variant<Unconfined, DefaultAllowlist, OriginalDenylist, SeccompProfile>;

// Which calls the filter asks MyDocker about while the container runs.
enum class SeccompWatch {
  none,
  refused,  // they are counted, and refused all the same
  allowed,  // they are noted, and allowed all the same
};

// A network device of the host that moves into the container's network namespace.
struct NetworkDevice {
  std::string name, name_inside;
  bool operator==(const NetworkDevice&) const = default;
};

// A share of the cache and of memory bandwidth, see Documentation/arch/x86/resctrl.rst.
struct IntelRdt {
  std::string group;                  // below /sys/fs/resctrl; empty: the container's id
  std::vector<std::string> schemata;  // lines of the schemata file
  bool monitoring = false;
  bool operator==(const IntelRdt&) const = default;
};

enum class Lifetime {
  with_mydocker,  // whatever ends MyDocker ends the container
  its_own,        // OCI: it belongs to whoever reaps MyDocker's children
};

struct ContainerSpec {
  std::string id;  // names the cgroup and the record; see valid_id()
  std::string hostname = "container", domainname;  // empty: as it is
  Namespaces namespaces;
  std::vector<IdRange> uid_map, gid_map;  // of a new user namespace
  std::vector<TimeOffset> time_offsets;
  Process process;
  Root root;
  std::vector<Mount> mounts;  // in this order
  std::vector<Device> devices;
  Masks masks;
  std::vector<Sysctl> sysctls;
  std::vector<NetworkDevice> network_devices;
  NetworkRequest network;
  std::optional<IntelRdt> intel_rdt;
  std::string mount_label;                // SELinux's, for the file systems that are mounted
  std::optional<CgroupRequest> cgroup;    // missing: no cgroup is made
  std::optional<FileAccess> file_access;  // missing: Landlock is not asked
  SeccompChoice seccomp = DefaultAllowlist{};
  SeccompWatch seccomp_watch = SeccompWatch::none;
  // A folder that the container may write and other users of the host can enter; empty: none. A
  // set-user-ID file there would be theirs to run.
  std::string open_to_others;
  Hooks hooks;
  std::vector<std::pair<std::string, std::string>> annotations;
  Lifetime lifetime = Lifetime::with_mydocker;
  // What the front end writes down besides, for who looks at the container or joins it later: members
  // of a JSON object, on one line.
  std::string remembered;
  bool without_root = false;  // an ordinary user asks: planned is only what he may do

  // Whether its /dev is a folder that is bound there, perhaps the host's: nothing is made in it.
  [[nodiscard]] bool brings_its_own_dev() const {
    return std::any_of(mounts.begin(), mounts.end(), [](const Mount& mount) {
      return mount.kind == MountKind::bind && mount.target == "/dev";
    });
  }
  bool operator==(const ContainerSpec&) const = default;
};

// All that is wrong with a spec, a line each; empty when it can be planned.
[[nodiscard]] std::vector<std::string> problems_of(const ContainerSpec& spec);

// Letters, digits, '_', '.', '-', '+', at most 128, beginning with a letter or digit: safe as a
// folder's name.
[[nodiscard]] bool valid_id(std::string_view id);

}  // namespace mydocker
