// Kernel idea   a list of mounts of its own; pivot_root swaps its root, the old one is then
//               detached.
// We ask        copies of root_fs and the volumes as detached trees, on the host; in the child the
//               root's tree attached, the kernel's file systems mounted in it, dangerous files
//               hidden, pivot_root.
// Order         proc, sysfs and devices while the old root is there: later the kernel refuses them
//               (-U).
// If it fails   pivot_root EINVAL: a mount is still shared. mount proc EPERM: /proc is masked
//               further out.
// Man page      mount_namespaces(7), pivot_root(2), mount_setattr(2), open_tree(2)
#include "namespaces/mount/mount_stage.hpp"

#include <linux/sched.h>

#include <algorithm>

namespace mydocker::mount {
namespace {

struct Device {
  std::string_view name;
  unsigned major, minor;
};

// See Documentation/admin-guide/devices.txt of the kernel.
constexpr Device kDevices[] = {{"null", 1, 3},   {"zero", 1, 5},    {"full", 1, 7},
                               {"random", 1, 8}, {"urandom", 1, 9}, {"tty", 5, 0}};

constexpr std::pair<std::string_view, std::string_view> kLinks[] = {
    {"pts/ptmx", "/dev/ptmx"},          {"/proc/self/fd", "/dev/fd"},
    {"/proc/self/fd/0", "/dev/stdin"},  {"/proc/self/fd/1", "/dev/stdout"},
    {"/proc/self/fd/2", "/dev/stderr"},
};

constexpr std::string_view kMasked[] = {
    "/sys/firmware",     "/sys/devices/virtual/powercap",
    "/proc/acpi",        "/proc/asound",
    "/proc/scsi",        "/proc/kcore",
    "/proc/keys",        "/proc/interrupts",
    "/proc/timer_list",  "/proc/timer_stats",
    "/proc/sched_debug", "/proc/latency_stats",
};

constexpr std::string_view kReadOnly[] = {"/proc/bus", "/proc/fs", "/proc/irq", "/proc/sys",
                                          "/proc/sysrq-trigger"};

constexpr gid_t kTtyGroup = 5;

bool is_mapped(const ContainerSpec& spec, std::uint32_t gid) {
  if (!spec.namespaces.user) return true;
  return std::any_of(spec.id_map.begin(), spec.id_map.end(), [&](const IdRange& range) {
    return gid >= range.inside && gid - range.inside < range.count;
  });
}

void open_trees(const ContainerSpec& spec, StagePlan& out) {
  out.prepare.push_back({OpenTree{kRootTree, spec.root.path},
                         "a copy of the mount, held by a descriptor: no path is looked up again",
                         {},
                         {}});
  for (Tree i = 0; i < spec.volumes.size(); ++i) {
    out.prepare.push_back(
        {OpenTree{i + 1, spec.volumes[i].source}, "a volume, opened the same way", {}, {}});
  }
}

std::vector<std::pair<std::string, Tree>> mount_points(const ContainerSpec& spec) {
  std::vector<std::pair<std::string, Tree>> out{
      {"/proc", kRootTree}, {"/sys", kRootTree}, {"/dev", kRootTree}};
  for (const auto& tmpfs : spec.tmpfs) out.emplace_back(tmpfs.target, kRootTree);
  for (Tree i = 0; i < spec.volumes.size(); ++i) out.emplace_back(spec.volumes[i].target, i + 1);
  return out;
}

void set_trees(const ContainerSpec& spec, StagePlan& out) {
  const bool id_mapped = spec.namespaces.user;
  auto& when = id_mapped ? out.attach : out.prepare;
  SetTree root{kRootTree, kNosuidNodev, id_mapped, {}};
  if (id_mapped) root.mount_points = mount_points(spec);
  when.push_back(
      {std::move(root),
       id_mapped ? "the root's files belong to the container's root; on the disk nothing changes"
                 : "private, and set-user-ID bits and device nodes in it mean nothing",
       {},
       {}});
  for (Tree i = 0; i < spec.volumes.size(); ++i) {
    MountFlags flags = kNosuidNodev;
    flags.read_only = spec.volumes[i].read_only;
    when.push_back({SetTree{i + 1, flags, id_mapped, {}},
                    "the same for the volume and all mounts below it",
                    {},
                    {}});
  }
}

// How many folders a path goes down: "/a//b/" is 2.
std::size_t depth(std::string_view path) {
  std::size_t out = 0;
  for (std::size_t i = 0; i < path.size(); ++i) {
    if (path[i] != '/' && (i == 0 || path[i - 1] == '/')) ++out;
  }
  return out;
}

class ChildSteps {
 public:
  ChildSteps(const ContainerSpec& spec, const HostFacts& facts, std::vector<Step>& out)
      : spec_(spec), facts_(facts), out_(out) {}

  void add_all() {
    add(SetUmask{0},
        "the modes of what is made below are those asked for, whatever the caller's umask is");
    add(MakeMountsPrivate{}, "no mount made here may appear on the host, nor the other way round");
    add(AttachRoot{}, "pivot_root wants the new root to be a mount point");
    proc_and_sys();
    masks();
    devices();
    users_mounts();
    if (spec_.root.read_only)
      add(MakeReadOnly{"/"}, "asked for; the mounts on it stay as they are");
    add(PivotRoot{},
        "swap the roots and detach the old one: chroot could be left again, this cannot");
  }

 private:
  void add(Action action, std::string_view why) {
    out_.push_back({std::move(action), why, {}, {}});
  }

  void proc_and_sys() {
    add(MountFileSystem{"proc", "/proc", kInert, {}},
        "a fresh one: after CLONE_NEWPID the host's still lists the host's processes");
    MountFlags read_only = kInert;
    read_only.read_only = true;
    add(MountFileSystem{"sysfs", "/sys", read_only, {}},
        "of the new network namespace; devices are the host's to set");
  }

  void devices() {
    add(MountFileSystem{"tmpfs", "/dev", kNosuidNoexec, {{"mode", "755"}, {"size", "64k"}}},
        "an empty /dev of our own, whatever the root brings");
    const bool bind = spec_.namespaces.user || !facts_.can_make_nodes;
    for (const auto& device : kDevices) {
      const std::string path = "/dev/" + std::string(device.name);
      if (bind) {
        add(BindDevice{path, path},
            "a user namespace may not make device nodes: the host's node is bound");
      } else {
        add(MakeNode{path, device.major, device.minor, 0666},
            "one of the six devices that every program expects");
      }
    }
    for (const auto& [target, path] : kLinks) {
      add(MakeSymlink{std::string(target), std::string(path)},
          "where programs look for their own descriptors");
    }
    std::vector<std::pair<std::string, std::string>> pts{
        {"newinstance", ""}, {"ptmxmode", "0666"}, {"mode", "0620"}};
    if (is_mapped(spec_, kTtyGroup)) pts.emplace_back("gid", std::to_string(kTtyGroup));
    add(MountFileSystem{"devpts", "/dev/pts", kNosuidNoexec, std::move(pts)},
        "pseudo-terminals of its own, from 0");
    add(MountFileSystem{"tmpfs", "/dev/shm", kInert, {{"mode", "1777"}, {"size", "64m"}}},
        "POSIX shared memory, see shm_overview(7)");
    add(MountFileSystem{"mqueue", "/dev/mqueue", kInert, {}},
        "POSIX message queues of the new IPC namespace");
  }

  void masks() {
    for (const auto path : kMasked)
      add(MaskPath{std::string(path)}, "tells about the host, or reaches its memory");
    for (const auto path : kReadOnly)
      add(MakeReadOnly{std::string(path)}, "a write here changes the whole kernel");
  }

  // A mount on a folder comes before those in it, whatever the order on the command line.
  void users_mounts() {
    std::vector<std::pair<std::string, Step>> mounts;
    for (const auto& tmpfs : spec_.tmpfs) {
      std::vector<std::pair<std::string, std::string>> options{{"mode", "1777"}};
      if (tmpfs.size) options.emplace_back("size", std::to_string(tmpfs.size->count));
      mounts.push_back({tmpfs.target,
                        {MountFileSystem{"tmpfs", tmpfs.target, kInert, std::move(options), true},
                         "asked for by --tmpfs",
                         {},
                         {}}});
    }
    for (Tree i = 0; i < spec_.volumes.size(); ++i) {
      const std::string& target = spec_.volumes[i].target;
      mounts.push_back({target,
                        {AttachTree{i + 1, target},
                         "asked for by --volume; the target is resolved inside the root",
                         {},
                         {}}});
    }
    std::stable_sort(mounts.begin(), mounts.end(),
                     [](const auto& a, const auto& b) { return depth(a.first) < depth(b.first); });
    for (auto& mount : mounts) out_.push_back(std::move(mount.second));
  }

  const ContainerSpec& spec_;
  const HostFacts& facts_;
  std::vector<Step>& out_;
};

}  // namespace

StagePlan plan(const ContainerSpec& spec, const HostFacts& facts) {
  StagePlan out{.clone_flags = CLONE_NEWNS};
  open_trees(spec, out);
  set_trees(spec, out);
  ChildSteps(spec, facts, out.enter).add_all();
  return out;
}

}  // namespace mydocker::mount
