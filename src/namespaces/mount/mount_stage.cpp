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
#include <utility>

#include "helpers/cpu_paths.hpp"
#include "helpers/network_files.hpp"
#include "namespaces/mount/cgroup_mounts.hpp"
#include "namespaces/mount/trees.hpp"

namespace mydocker::mount {
namespace {

constexpr std::pair<std::string_view, std::string_view> kLinks[] = {
    {"pts/ptmx", "/dev/ptmx"},          {"/proc/self/fd", "/dev/fd"},
    {"/proc/self/fd/0", "/dev/stdin"},  {"/proc/self/fd/1", "/dev/stdout"},
    {"/proc/self/fd/2", "/dev/stderr"},
};

constexpr std::pair<std::string_view, std::string_view> kReasons[] = {
    {"/proc", "a fresh one: after CLONE_NEWPID the host's still lists the host's processes"},
    {"/sys", "of the new network namespace; devices are the host's to set"},
    {"/dev", "an empty /dev of our own, whatever the root brings"},
    {"/dev/pts", "pseudo-terminals of its own, from 0"},
    {"/dev/shm", "POSIX shared memory, see shm_overview(7)"},
    {"/dev/mqueue", "POSIX message queues of the new IPC namespace"},
};

std::string_view reason_for(const Mount& mount) {
  for (const auto& [target, why] : kReasons) {
    if (mount.target == target) return why;
  }
  return mount.guarded ? "asked for by --tmpfs" : "asked for";
}

std::string_view reason_for_bind(const Mount& mount) {
  if (mount.guarded) return "asked for by --volume; the target is resolved inside the root";
  if (mount.source == "/sys" && mount.target == "/sys")
    return "the host's, read-only: a new one shows a network, and this one belongs to another user "
           "namespace";
  return "asked for; the target is resolved inside the root";
}

bool is_below(std::string_view path, std::string_view folder) {
  return path.starts_with(folder) && (path.size() == folder.size() || path[folder.size()] == '/');
}

class ChildSteps {
 public:
  ChildSteps(const ContainerSpec& spec, const HostFacts& facts, StagePlan& out)
      : spec_(spec), facts_(facts), out_(out) {}

  void add_all() {
    add(AttachRoot{spec_.hooks.before_pivot() ? spec_.root.path : "/"},
        "pivot_root wants the new root to be a mount point");
    mounts();
    fill_dev();
    files();
    hooks();
    if (spec_.root.read_only)
      add(MakeReadOnly{"/"}, "asked for; the mounts on it stay as they are");
    add(PivotRoot{},
        "swap the roots and detach the old one: chroot could be left again, this cannot");
    const auto& propagation = spec_.root.propagation;
    if (propagation && propagation->kind != Propagation::is_private)
      add(SetPropagation{*propagation}, "asked for; before pivot_root it would be refused");
  }

 private:
  void add(Action action, std::string_view why) {
    out_.enter.push_back({std::move(action), why, {}, {}});
  }

  // Masks are made as soon as no later mount can cover what they hide: best before /dev, which then
  // covers the mount that they are copies of.
  void mounts() {
    std::size_t masks_before = spec_.mounts.size();
    while (masks_before > 0 && !concerns_masks(spec_.mounts[masks_before - 1])) --masks_before;
    Tree tree = kRootTree;
    for (std::size_t i = 0; i < spec_.mounts.size(); ++i) {
      const Mount& mount = spec_.mounts[i];
      if (i == masks_before) masks(i);
      if (mount.guarded) fill_dev();  // a user's mount may lie over a device, and covers it
      switch (mount.kind) {
        case MountKind::file_system:
          file_system(mount);
          break;
        case MountKind::bind:
          add(AttachTree{++tree, mount.target, mount.guarded}, reason_for_bind(mount));
          break;
        case MountKind::change:
          add(ChangeMount{mount.target, mount.set, mount.clear, mount.set_below, mount.clear_below,
                          mount.propagation},
              "asked for");
          break;
        case MountKind::cgroups:
          plan_cgroup_mounts(spec_, facts_, mount, out_);
          break;
      }
    }
    if (masks_before == spec_.mounts.size()) masks(masks_before);
  }

  [[nodiscard]] bool concerns_masks(const Mount& mount) const {
    const auto concerns = [&](const std::string& path) {
      return is_below(path, mount.target) || is_below(mount.target, path);
    };
    const auto& [hidden, read_only, file] = spec_.masks;
    return std::any_of(hidden.begin(), hidden.end(), concerns) ||
           std::any_of(read_only.begin(), read_only.end(), concerns);
  }

  // A user's own volume in such a place wins.
  void files() {
    for (auto& [path, text, is_of_network] : network_files(spec_, facts_)) {
      const std::string& target = path;
      const bool is_covered =
          std::any_of(spec_.mounts.begin(), spec_.mounts.end(),
                      [&](const Mount& mount) { return mount.guarded && mount.target == target; });
      if (!is_covered)
        add(ProvideFile{std::move(path), std::move(text), is_of_network},
            "of its own network; the root's stays as it is, for other containers too");
    }
  }

  void masks(std::size_t next_mount) {
    constexpr std::string_view kWhyDrop = "the copies stay; /dev is the container's again";
    for (const auto& path : spec_.masks.hidden) {
      // While the masks' source lies over /dev, nothing below it is found.
      if (is_below(path, "/dev")) {
        fill_dev();
        add(DropMaskSource{}, kWhyDrop);
      }
      mask(path);
    }
    const auto rest = spec_.mounts.begin() + static_cast<std::ptrdiff_t>(next_mount);
    const bool is_covered = std::any_of(rest, spec_.mounts.end(),
                                        [](const Mount& mount) { return mount.target == "/dev"; });
    if (!spec_.masks.hidden.empty() && !is_covered) add(DropMaskSource{}, kWhyDrop);
    for (const auto& path : spec_.masks.read_only)
      add(MakeReadOnly{path}, "a write here changes the whole kernel");
  }

  void mask(const std::string& path) {
    constexpr std::string_view kWhy = "tells about the host, or reaches its memory";
    if (!cpu_paths::is_for_each(path)) return add(MaskPath{path, spec_.masks.file}, kWhy);
    for (unsigned cpu = 0; cpu < facts_.throttling_cpus; ++cpu)
      add(MaskPath{cpu_paths::of(path, cpu), spec_.masks.file}, kWhy);
  }

  void file_system(const Mount& mount) {
    MountFileSystem action{mount.type, mount.target, mount.set, mount.options, mount.guarded};
    action.copy_up = mount.copy_up;
    action.propagation = mount.propagation.value_or(MountPropagation{});
    action.links = mount.guarded || !reserved(mount.target);
    // What mountinfo shows; "none" will do where nobody asked for more.
    if (!mount.source.empty()) action.options.emplace_back("source", mount.source);
    if (!spec_.mount_label.empty() && takes_label(mount.type))
      action.options.emplace_back("context", spec_.mount_label);
    add(std::move(action), reason_for(mount));
  }

  // What protects the host is mounted on real folders, never where a link of the root leads.
  static bool reserved(std::string_view target) {
    return is_below(target, "/proc") || is_below(target, "/sys") || is_below(target, "/dev");
  }

  // The kernel labels the others itself. See mount(8), "context".
  static bool takes_label(std::string_view type) {
    return type != "proc" && type != "sysfs" && type != "mqueue" && !type.starts_with("cgroup");
  }

  void fill_dev() {
    if (std::exchange(is_dev_filled_, true) || spec_.brings_its_own_dev()) return;
    devices();
    links();
  }

  void devices() {
    const bool bind = !spec_.namespaces.user.is_inherited() || !facts_.can_make_nodes;
    for (const auto& device : spec_.devices) {
      if (bind && device.type != 'p') {
        add(BindDevice{device.path, device.path},
            "a user namespace may not make device nodes: the host's node is bound");
      } else {
        add(MakeNode{device}, "one of the devices that its programs expect");
      }
    }
  }

  void links() {
    for (const auto& [target, path] : kLinks) {
      add(MakeSymlink{std::string(target), std::string(path)},
          "where programs look for their own descriptors");
    }
  }

  void hooks() {
    constexpr std::string_view kWhy = "the caller's own part of the set-up";
    const Hooks& hooks = spec_.hooks;
    for (const auto& hook : hooks.prestart)
      out_.meanwhile.push_back({RunHook{hook, "prestart", "creating"}, kWhy, {}, {}});
    for (const auto& hook : hooks.create_runtime)
      out_.meanwhile.push_back({RunHook{hook, "createRuntime", "creating"}, kWhy, {}, {}});
    if (!out_.meanwhile.empty())
      add(AwaitHooks{}, "in the container's namespaces, while the host's paths are still there");
    for (const auto& hook : hooks.create_container)
      add(RunHook{hook, "createContainer", "creating"}, kWhy);
  }

  const ContainerSpec& spec_;
  const HostFacts& facts_;
  StagePlan& out_;
  bool is_dev_filled_ = false;
};

}  // namespace

StagePlan plan(const ContainerSpec& spec, const HostFacts& facts) {
  StagePlan out;
  const NamespaceUse& use = spec.namespaces.mount;
  if (use.is_joined()) {
    constexpr std::string_view kWhy = "a container's own root and mounts, that are there already";
    out.prepare.push_back({OpenNamespace{CLONE_NEWNS, use.path}, kWhy, {}, {}});
    out.enter.push_back({JoinNamespaces{CLONE_NEWNS}, kWhy, {}, {}});
    return out;
  }
  out.clone_flags = CLONE_NEWNS;
  out.enter.push_back(
      {SetUmask{0},
       "the modes of what is made below are those asked for, whatever the caller's umask is",
       {},
       {}});
  out.enter.push_back({MakeMountsPrivate{},
                       "no mount made here may appear on the host, nor the other way round",
                       {},
                       {}});
  plan_trees(spec, facts, out);
  ChildSteps(spec, facts, out).add_all();
  return out;
}

}  // namespace mydocker::mount
