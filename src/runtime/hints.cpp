#include "runtime/hints.hpp"

#include <cerrno>

#include "helpers/netlink_messages.hpp"
#include "mydocker/error.hpp"

namespace mydocker {
namespace {

struct Row {
  int error;
  const char* hint;
};

template <std::size_t Count>
const char* find(const Row (&rows)[Count], int error) {
  for (const auto& row : rows) {
    if (row.error == error) return row.hint;
  }
  return "";
}

constexpr const char* kNeedsRoot = "run MyDocker as root: sudo MyDocker ...";

std::string hint(const CreateRecord&, int error) {
  static constexpr Row rows[] = {
      {EEXIST, "a container of this name is running: end it, or choose another --name"},
      {EACCES, kNeedsRoot},
      {EPERM,
       "the folder must belong to the user who runs MyDocker, and nobody else may write to it"}};
  return find(rows, error);
}

std::string hint(const MakeCgroup&, int error) {
  static constexpr Row rows[] = {
      {EACCES, kNeedsRoot},
      {EROFS,
       "/sys/fs/cgroup is read-only: MyDocker runs in a container itself, whose engine has to "
       "delegate a cgroup"},
      {EBUSY,
       "a process in the cgroup above cannot be moved: start MyDocker by 'systemd-run "
       "--scope -p Delegate=yes'"},
      {ENOENT, "the controller is not available there: 'MyDocker doctor' says which are"}};
  return find(rows, error);
}

std::string hint(const WriteFile& action, int error) {
  if (action.path.ends_with("uid_map") || action.path.ends_with("gid_map")) {
    if (error == EINVAL) return "the kernel takes at most 340 ranges, and 4095 bytes of text";
    return error == EPERM ? "the ids outside must be ours to give: run as root" : "";
  }
  const auto is_file = [&](std::string_view name) {
    return action.path.substr(action.path.rfind('/') + 1).starts_with(name);
  };
  if (is_file("memory.swap.") || is_file("memory.memsw.")) {
    static constexpr Row swap[] = {
        {EINVAL, "memory and swap together may not be less than memory alone"},
        {EBUSY, "more is in use already than the limit allows"},
        {ENOENT,
         "the kernel does not count swap, so the limit could be evaded: boot with swapaccount=1, "
         "or 'swapoff -a'"}};
    return find(swap, error);
  }
  if (is_file("memory.limit_in_bytes") && error == EINVAL)
    return "above what memory and swap may use together: raise both";
  if (is_file("cpu.") && error == EINVAL)
    return "more than a cgroup above has, or out of the kernel's range";
  if (is_file("cpuset.") && (error == EINVAL || error == ERANGE || error == EACCES))
    return "not all of these are there and allowed in the cgroup above";
  if (is_file("devices.") && error == EPERM)
    return "the cgroup above does not allow that device, so none below may";
  if ((is_file("blkio.") || is_file("io.")) && error == ENODEV) return "no such block device";
  if (is_file("hugetlb.") && error == ENOENT) return "this machine has no pages of that size";
  static constexpr Row rows[] = {{EINVAL, "the kernel refuses this value"},
                                 {ERANGE, "the kernel refuses this value"},
                                 {EACCES, kNeedsRoot},
                                 {EBUSY, "more is in use already than the limit allows"}};
  return find(rows, error);
}

std::string hint(const AllowDevices&, int error) {
  static constexpr Row rows[] = {
      {EINVAL, "this kernel cannot: it needs CONFIG_CGROUP_BPF, and a folder of cgroup v2"},
      {EPERM, "it needs CAP_SYS_ADMIN outside of all user namespaces"}};
  return find(rows, error);
}

std::string hint(const HoldImage&, int error) {
  return error == ENOENT || error == EWOULDBLOCK ? "the image was removed meanwhile" : "";
}

std::string hint(const MakeWritable&, int error) {
  static constexpr Row rows[] = {
      {EWOULDBLOCK, "another container writes to it: end that first, or name another folder"},
      {ESTALE, "it was written over another image or folder: keep this in a new folder"},
      {ENOTDIR, "what the container writes is kept in a real folder, not behind a link"},
      {ELOOP, "what the container writes is kept in a real folder, not behind a link"},
      {EPERM,
       "it has to belong to whoever runs MyDocker, or to the container's root, and nobody else may "
       "write to it"},
      {ENOENT, "the folder above it has to be there"},
      {EACCES, kNeedsRoot}};
  return find(rows, error);
}

std::string hint(const MountDisk&, int error) {
  static constexpr Row rows[] = {
      {ENODEV,
       "the kernel lacks that file system: modprobe squashfs or erofs; or unpack the file "
       "by 'MyDocker image load'"},
      {ENOENT, "the file, or /dev/loop-control, is missing: modprobe loop"},
      {EINVAL,
       "the kernel cannot read the file: is it whole? is its compression one of the "
       "kernel's? 'MyDocker image load' unpacks it instead"},
      {EPERM, kNeedsRoot}};
  return find(rows, error);
}

std::string hint(const MountLayers&, int error) {
  static constexpr Row rows[] = {
      {EINVAL,
       "overlayfs writes to ext4, xfs, btrfs, tmpfs, not to another overlay: choose such a place "
       "by "
       "--store or --overlay-dir; more than about 60 layers need Linux 6.8"},
      {ENODEV, "the kernel has no overlayfs: modprobe overlay"},
      {EPERM, kNeedsRoot}};
  return find(rows, error);
}

std::string hint(const OpenTree&, int error) {
  static constexpr Row rows[] = {{ENOENT,
                                  "make a root by tools/make_root_fs.sh, or name a folder by "
                                  "--rootfs or --volume that exists"},
                                 {EPERM, kNeedsRoot},
                                 {ENOSYS, "Linux 5.12 or newer is needed"}};
  return find(rows, error);
}

std::string hint(const AttachRoot&, int error) {
  return error == EINVAL || error == ENOTDIR ? "--rootfs has to name a folder" : "";
}

std::string hint(const AttachTree&, int error) {
  static constexpr Row rows[] = {
      {ENOTDIR, "a folder is mounted on a folder, a file on a file"},
      {EINVAL, "a folder is mounted on a folder, a file on a file"},
      {EPERM,
       "it would cover /proc, /sys or /dev, which protect the host; if the target is none of them, "
       "a link in the root leads there"},
      {EROFS, "the target does not exist and cannot be made in a read-only place"},
      {EACCES, "the target does not exist and the container's root may not make it there"},
      {ELOOP, "the target is a symbolic link that leads nowhere inside the root"}};
  return find(rows, error);
}

std::string hint(const MountFileSystem& action, int error) {
  if (action.type == "proc" && error == EPERM) {
    return "/proc is masked where MyDocker runs; give the outer container an unmasked /proc";
  }
  if (action.type != "proc" && action.type != "sysfs" && error == EPERM &&
      (action.links || action.target.starts_with("/proc"))) {
    return "nothing may cover /proc, /sys or /dev, which protect the host, also where a link in "
           "the "
           "root leads there; or mounting is not allowed where MyDocker runs: see 'MyDocker "
           "doctor'";
  }
  static constexpr Row rows[] = {
      {ELOOP, "the root has a symbolic link in this place; a real folder is needed"},
      {ENOTDIR, "the root has no folder in this place"},
      {EINVAL, "the root has no folder in this place, or the file system refuses an option"},
      {EROFS, "the folder is missing in the root, which is read-only: make it there"},
      {EACCES,
       "the folder is missing in the root, and the container's root may not make it: make it "
       "there"},
      {ENODEV, "this kernel has no such file system"}};
  return find(rows, error);
}

// The masks' source is attached to the root's own /dev.
std::string hint(const MaskPath&, int error) {
  static constexpr Row rows[] = {{ELOOP, "the root has a symbolic link in the place of /dev"},
                                 {ENOTDIR, "the root has no folder /dev"},
                                 {EINVAL, "the root has no folder /dev"}};
  return find(rows, error);
}

constexpr Row kInOwnDev[] = {
    {ELOOP, "the root has a symbolic link on the way there"},
    {ENOTDIR, "the root has no folder on the way there"},
    {EEXIST, "the root brings something else in this place: mount a tmpfs on /dev"},
    {EISDIR, "the root brings a folder in this place: mount a tmpfs on /dev"},
    {EINVAL, "the root brings a folder in this place: mount a tmpfs on /dev"}};

std::string hint(const MakeNode&, int error) { return find(kInOwnDev, error); }
std::string hint(const BindDevice&, int error) { return find(kInOwnDev, error); }
std::string hint(const MakeSymlink&, int error) { return find(kInOwnDev, error); }

std::string hint(const ChangeMount&, int error) {
  static constexpr Row rows[] = {{EINVAL, "nothing is mounted there that could be changed"},
                                 {EPERM, "an attribute of the host's mount that is locked"}};
  return find(rows, error);
}

std::string hint(const ChangeDirectory&, int error) {
  static constexpr Row rows[] = {
      {ENOENT, "--workdir names a folder inside the root, which must exist"},
      {ELOOP, "a link of /proc leads out of the container's root"},
      {EXDEV, "the folder lies outside of the container's root"},
      {EACCES, "the container's user may not enter it"}};
  return find(rows, error);
}

std::string hint(const FindExecutable&, int error) {
  static constexpr Row rows[] = {
      {ENOENT, "the entrypoint is looked up inside the root, in the container's PATH"},
      {EACCES, "it has to be a file that the container's user may execute (chmod +x)"},
      {EISDIR, "it is a folder: permission denied"},
      {ELOOP, "permission denied: a link of /proc could lead to MyDocker's own file"},
      {ELIBBAD,
       "its interpreter (the '#!' line, or the ELF loader) is missing inside the root: "
       "no such file or directory"},
      {ENOEXEC, "neither a program for this machine nor a script with a '#!' line"}};
  return find(rows, error);
}

std::string hint(const OpenNamespace&, int error) {
  static constexpr Row rows[] = {
      {ENOENT, "the namespace's path does not exist: has its last process ended?"},
      {EINVAL, "the path names no namespace of this kind"}};
  return find(rows, error);
}

std::string hint(const HoldPort&, int error) {
  static constexpr Row rows[] = {
      {EADDRINUSE, "somebody listens there: end that, or choose another port with -p"},
      {EADDRNOTAVAIL, "this host has no such address"},
      {EACCES,
       "without root only ports from net.ipv4.ip_unprivileged_port_start on: choose a higher one"}};
  return find(rows, error);
}

std::string hint(const TakeAddress&, int error) {
  return error == EADDRNOTAVAIL ? "all addresses are taken: choose a wider --subnet" : "";
}

std::string hint(const TakePort&, int error) {
  return error == EADDRNOTAVAIL ? "all addresses are taken: choose another --subnet" : "";
}

std::string hint(const MakeBridge& action, int error) {
  static constexpr Row rows[] = {
      {EEXIST, "somebody has changed it, or made another one, since the start: try again"},
      {ENODEV, "somebody has removed it since the start: try again"},
      {EOPNOTSUPP, "this kernel has no bridges: modprobe bridge"},
      {EPERM, kNeedsRoot}};
  return error == ENETDOWN ? "it is down: ip link set " + action.name + " up" : find(rows, error);
}

std::string hint(const HoldSetting&, int error) {
  return error == EROFS ? "/proc/sys is read-only where MyDocker runs: switch forwarding on outside"
                        : "";
}

std::string hint(const StartPasta&, int error) {
  return error == ENOENT ? "install the package passt, which it is in" : "";
}

std::string hint(const Netlink& action, int error) {
  if (std::holds_alternative<AddVethPair>(action.request) && error == EOPNOTSUPP)
    return "this kernel has no virtual Ethernet pairs: modprobe veth";
  const bool is_filter = netlink::program_of(action.request) == "tc";
  if (is_filter && (error == ENOENT || error == EOPNOTSUPP))
    return "this kernel has no such filters: modprobe sch_ingress, modprobe cls_bpf";
  return error == EPERM ? kNeedsRoot : "";
}

std::string hint(const MapIds& action, int error) {
  if (error == ENOENT) return "several ids without root need the package 'uidmap'";
  return "the ranges outside have to be the user's: see " +
         std::string(action.program == "newuidmap" ? "/etc/subuid" : "/etc/subgid");
}

std::string hint(const SetRlimit&, int error) {
  return error == EPERM ? "a limit above the caller's own needs CAP_SYS_RESOURCE" : "";
}

std::string hint(const OpenTerminal&, int error) {
  static constexpr Row rows[] = {
      {ELOOP, "the root has a symbolic link in the place of /dev, /dev/pts or /dev/console"},
      {ENOENT, "a terminal needs a devpts on /dev/pts"},
      {ENOTDIR, "a terminal needs a devpts on /dev/pts"},
      {ENXIO, "/dev/pts is no devpts"},
      {ENOTTY, "/dev/pts is no devpts"},
      {EISDIR, "/dev/pts is no devpts"},
      {EINVAL, "the root brings a folder in the place of /dev/console"}};
  return find(rows, error);
}

std::string hint(const SetExecLabel& action, int error) {
  static constexpr Row rows[] = {
      {EXDEV, "the container's /proc is no procfs, or something is mounted over a part of it"},
      {ELOOP, "the container's /proc is a symbolic link"},
      {EINVAL, "this kernel does not have that security module switched on"},
      {ENOENT, "no such profile or label is loaded"}};
  return action.label.empty() ? "" : find(rows, error);
}

std::string hint(const RestrictFiles&, int error) {
  static constexpr Row rows[] = {
      {ENOENT, "--landlock-ro and --landlock-rw name files and folders inside, which must exist"},
      {EOPNOTSUPP, "Landlock is switched off: boot with lsm=landlock,..."},
      {E2BIG, "MyDocker runs behind 15 such seals or more already"}};
  return find(rows, error);
}

std::string hint(const LoadSeccomp&, int error) {
  return error == EINVAL ? "this kernel lacks seccomp filters (CONFIG_SECCOMP_FILTER)" : "";
}

template <class Other>
std::string hint(const Other&, int) {
  return {};
}

}  // namespace

std::string hint_for(const Action& action, int error) {
  const std::string own = std::visit([error](const auto& a) { return hint(a, error); }, action);
  return own.empty() ? advice_for(error) : own;
}

int status_for(const Action& action, int error) {
  if (!std::holds_alternative<FindExecutable>(action)) return exit_status::kFailure;
  return error == ENOENT || error == ENOTDIR ? exit_status::kNotFound : exit_status::kNotExecutable;
}

}  // namespace mydocker
