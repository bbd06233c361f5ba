// Each request in one line, and the system calls that it is made of: what --dry-run and --explain
// print, and what an error names. One overload an action.
#include <algorithm>

#include "helpers/device_rules.hpp"
#include "helpers/names.hpp"
#include "helpers/text.hpp"
#include "mydocker/action.hpp"
#include "plan/words.hpp"

namespace mydocker {
namespace {

// Those that are set, each with `no` in front where they are cleared: "ro,nosuid".
std::string flags_text(const MountFlags& flags) {
  std::vector<std::string> out;
  const std::pair<bool, const char*> all[] = {{flags.read_only, "ro"},
                                              {flags.nosuid, "nosuid"},
                                              {flags.nodev, "nodev"},
                                              {flags.noexec, "noexec"},
                                              {flags.noatime, "noatime"},
                                              {flags.relatime, "relatime"},
                                              {flags.strictatime, "strictatime"},
                                              {flags.nodiratime, "nodiratime"},
                                              {flags.nosymfollow, "nosymfollow"}};
  for (const auto& [is_set, name] : all) {
    if (is_set) out.emplace_back(name);
  }
  return text::join(out, ",");
}

std::string propagation_text(const MountPropagation& propagation) {
  static constexpr std::string_view kNames[] = {"private", "slave", "shared", "unbindable"};
  return std::string(kNames[static_cast<std::size_t>(propagation.kind)]);
}

std::string options_text(const MountFileSystem& mount) {
  std::string out = flags_text(mount.flags);
  for (const auto& [key, value] : mount.options)
    out += "," + key + (value.empty() ? "" : "=" + value);
  return out;
}

std::string tree_name(Tree tree) {
  if (tree == kWritableTree) return "the writable layer";
  if (tree >= kFirstLayerTree) return "layer " + std::to_string(tree - kFirstLayerTree + 1);
  return tree == kRootTree ? "the root's tree" : "volume " + std::to_string(tree);
}

std::string set_tree_text(const SetTree& a) {
  std::string out = propagation_text(a.propagation);
  const auto add = [&](const char* how, const MountFlags& flags) {
    if (flags.any()) out += std::string(how) + flags_text(flags);
  };
  add(",", a.set_below);
  add(" without ", a.clear_below);
  add(", itself ", a.set);
  add(", itself without ", a.clear);
  if (a.id_map) {
    out += a.id_map->uids.empty() ? ", ID-mapped by the child's user namespace"
                                  : ", ID-mapped by maps of its own";
  }
  return out;
}

std::string sets_text(const CapabilitySets& sets) {
  std::string out = sets.permitted.empty() ? "none" : names::capabilities(sets.permitted);
  if (sets.effective != sets.permitted)
    out += "; effective: " + names::capabilities(sets.effective);
  if (!sets.inheritable.empty()) out += "; inheritable: " + names::capabilities(sets.inheritable);
  if (!sets.ambient.empty()) out += "; ambient: " + names::capabilities(sets.ambient);
  return out;
}

// Values are shown without their final newline, and shortened only where they are lists of lines.
std::string value_text(std::string_view value) {
  if (value.ends_with('\n')) value.remove_suffix(1);
  return text::quoted(value);
}

Words in_words(const CreateRecord& a) {
  return {"create and lock the record " + a.path, "mkdir? openat flock"};
}
Words in_words(const RecordChild& a) {
  return {"write the child's pid into " + a.path, "pwrite64"};
}
Words in_words(const RemoveRecord& a) { return {"remove the record " + a.path, "unlink"}; }
Words in_words(const MakeCgroup& a) {
  std::string enabled = a.controllers.empty() ? "" : " with " + text::join(a.controllers, ", ");
  if (a.leave_for_leaf)
    enabled += ", after moving the processes of " + a.top + " into its leaf mydocker.leaf";
  return {"make the cgroup " + a.top + "/" + a.path + enabled,
          a.version == 2 ? "mkdir openat? write? mkdir" : "mkdir mkdir"};
}
Words in_words(const RemoveCgroup& a) {
  return {"remove the cgroup " + a.top + "/" + a.path, "rmdir"};
}
Words in_words(const StartUnit& a) {
  std::string with;
  for (const auto& [name, value] : a.properties)
    with += (with.empty() ? " with " : ", ") + name + "=" + value;
  const char* const whose = a.systemd == Systemd::of_user ? "the user's systemd" : "systemd";
  return {std::string("have ") + whose + " start " + a.unit + " in " + a.slice +
              " and move the child into it" + with,
          "memfd_create clone3 execveat waitid"};
}
Words in_words(const StopUnit& a) {
  const char* const whose = a.systemd == Systemd::of_user ? "the user's systemd" : "systemd";
  return {std::string("have ") + whose + " stop " + a.unit, "memfd_create clone3 execveat waitid"};
}
Words in_words(const WriteFile& a) {
  return {"write " + value_text(a.text) + " to " + a.path, "openat write"};
}
Words in_words(const WriteWeight& a) {
  std::string out;
  for (const auto& [file, text] : a.files_and_texts) {
    out += (out.empty() ? "write " : ", or else ") + text::quoted(text) + " to " + file;
  }
  return {out, "openat write?"};
}
Words in_words(const AllowDevices& a) {
  std::vector<std::string> rules;
  for (const auto& rule : a.rules)
    rules.push_back((rule.allow ? "allow " : "deny ") + device_rule_text(rule));
  return {"attach to " + a.folder + " a device program: " + text::join(rules, ", "), "openat bpf"};
}
Words in_words(const GiveCgroup& a) {
  return {"give the cgroup " + a.folder + " to uid " + std::to_string(a.owner),
          "chown openat? chown"};
}
Words in_words(const MakeFolder& a) { return {"make the folder " + a.path, "mkdir"}; }
Words in_words(const RemoveFolder& a) { return {"remove the folder " + a.path, "rmdir"}; }
Words in_words(const HoldImage& a) { return {"hold the image " + a.folder, "openat flock"}; }
Words in_words(const MakeWritable& a) {
  std::string owner;
  if (a.uid != 0 || a.gid != 0)
    owner = ", owned by " + std::to_string(a.uid) + ":" + std::to_string(a.gid);
  return {"make the writable layer " + text::quoted(a.folder) + owner,
          "pwrite64 mkdir mkdir mkdir openat write chmod chown?"};
}
Words in_words(const RemoveWritable& a) {
  return {"remove the writable layer " + text::quoted(a.folder), "unlink openat getdents64 rmdir"};
}
Words in_words(const MountDisk& a) {
  return {"mount the " + a.disk.type + " in " + text::quoted(a.disk.file) + " as " +
              tree_name(a.tree) + ": read_only," + flags_text(a.flags),
          "openat ioctl? openat? ioctl? fsopen fsconfig fsmount"};
}
Words in_words(const MountLayers& a) {
  const std::string of = std::to_string(a.trees) + (a.trees == 1 ? " layer" : " layers");
  const std::string flags = flags_text(a.flags);
  return {"mount an overlay of " + of + " and the writable one as the root's tree" +
              (flags.empty() ? "" : ": ") + flags,
          "openat move_mount fsopen fsconfig fsmount umount2"};
}
Words in_words(const OpenTree& a) {
  return {"copy the mounts at " + text::quoted(a.path) + " as " + tree_name(a.tree), "open_tree"};
}
Words in_words(const SetTree& a) {
  return {"set " + tree_name(a.tree) + " " + set_tree_text(a),
          a.id_map ? "openat mount_setattr" : "mount_setattr"};
}
Words in_words(const OpenNamespace& a) {
  return {"open the namespace " + text::quoted(a.path), "openat"};
}
Words in_words(const MapIds& a) {
  std::string out = "have " + a.program + " map";
  for (const auto& [inside, outside, count] : a.ranges) {
    out +=
        " " + std::to_string(inside) + " " + std::to_string(outside) + " " + std::to_string(count);
  }
  return {out, "clone3 execve waitid"};
}
Words in_words(const MoveNetworkDevice& a) {
  return {"move the network device " + text::quoted(a.name) + " inside as " +
              text::quoted(a.name_inside),
          "socket sendto recvfrom"};
}
Words in_words(const ProvideFile& a) {
  return {"write " + value_text(a.text) + " to a file in memory over " + a.path,
          "openat write open_tree openat2 move_mount unlinkat"};
}
Words in_words(const RunHook& a) {
  return {"run the " + std::string(a.point) + " hook " + text::quoted(a.hook.path),
          "memfd_create fork execve waitid"};
}
Words in_words(const DieWithParent&) { return {"ask for SIGKILL when MyDocker dies", "prctl"}; }
Words in_words(const HideFromTracers&) { return {"hide from tracers", "prctl"}; }
Words in_words(const Unshare& a) { return {"unshare " + names::clone_flags(a.flags), "unshare"}; }
Words in_words(const JoinNamespaces& a) {
  return {"join the namespace of " + names::clone_flags(a.types), "setns"};
}
Words in_words(const SetDomainname& a) {
  return {"set the NIS domain to " + text::quoted(a.name), "setdomainname"};
}
Words in_words(const SetHostname& a) {
  return {"set the hostname to " + text::quoted(a.name), "sethostname"};
}
Words in_words(const RaiseLoopback&) { return {"set the interface lo up", "socket ioctl"}; }
Words in_words(const MakeMountsPrivate&) { return {"make every mount private", "mount"}; }
Words in_words(const AttachRoot& a) {
  return {"attach the root's tree over " + a.target, "openat move_mount"};
}
Words in_words(const AttachTree& a) {
  return {"attach " + tree_name(a.tree) + " at " + text::quoted(a.target),
          "openat2 mkdirat? openat? move_mount"};
}
Words in_words(const MountFileSystem& a) {
  return {"mount " + a.type + " at " + a.target + " (" + options_text(a) + ")",
          "fsopen fsconfig fsmount openat2 mkdirat? move_mount"};
}
Words in_words(const MakeNode& a) {
  const Device& device = a.device;
  return {"make the device " + device.path + " (" + std::to_string(device.major) + ":" +
              std::to_string(device.minor) + ")",
          "mknodat fchownat?"};
}
Words in_words(const BindDevice& a) {
  return {"bind the host's " + a.source + " to " + a.target,
          "open_tree mount_setattr openat move_mount"};
}
Words in_words(const BindFolder& a) {
  return {"bind the host's " + a.source + " to " + a.target,
          "open_tree mount_setattr? openat2 mkdirat? move_mount"};
}
Words in_words(const MakeSymlink& a) { return {"link " + a.path + " to " + a.target, "symlinkat"}; }
Words in_words(const MaskPath& a) {
  return {
      "mask " + a.path + " if it exists",
      "openat2 fsopen? fsconfig? fsmount? mkdirat? mknodat? mount_setattr? open_tree? move_mount?"};
}
Words in_words(const ChangeMount& a) {
  return {"change what is mounted at " + text::quoted(a.target), "openat2 mount_setattr"};
}
Words in_words(const MakeReadOnly& a) {
  return {"make " + a.path + " read-only", a.path == "/" ? "mount_setattr"
                                           : a.is_mount
                                               ? "openat2 mount_setattr"
                                               : "openat2 open_tree? mount_setattr? move_mount?"};
}
Words in_words(const DropMaskSource&) {
  return {"detach the mount that masks are copies of", "fchdir umount2"};
}
Words in_words(const AwaitHooks&) {
  return {"wait while the host runs its hooks", "sendmsg recvmsg"};
}
Words in_words(const SetPropagation& a) {
  return {"make / " + propagation_text(a.propagation), "mount"};
}
Words in_words(const SetRlimit& a) {
  return {"set the resource limit " + names::resource_limit(a.limit.resource) + " to " +
              std::to_string(a.limit.soft) + ", at most " + std::to_string(a.limit.hard),
          "prlimit64"};
}
Words in_words(const SetScheduler& a) {
  return {"set the scheduling policy " + std::to_string(a.scheduler.policy), "sched_setattr"};
}
Words in_words(const SetIoPriority& a) {
  return {"set the I/O priority to class " + std::to_string(a.priority.io_class) + ", level " +
              std::to_string(a.priority.level),
          "ioprio_set"};
}
Words in_words(const SetPersonality& a) {
  return {"set the personality " + std::to_string(a.persona), "personality"};
}
Words in_words(const SetMemoryPolicy& a) {
  return {"set the memory policy " + std::to_string(a.policy.mode) + " for the nodes " +
              text::quoted(a.policy.nodes),
          "set_mempolicy"};
}
Words in_words(const SetAffinity& a) {
  return {"run on the processors " + text::quoted(a.processors), "sched_setaffinity"};
}
Words in_words(const SetExecLabel& a) {
  return {"ask " + a.module + " for the label " + text::quoted(a.label) + " at exec",
          "openat2 fstatfs openat2 write"};
}
Words in_words(const PivotRoot&) {
  return {"pivot_root(\".\", \".\") and detach the old root", "fchdir pivot_root umount2 chdir"};
}
Words in_words(const JoinSessionKeyring&) { return {"join a new session keyring", "keyctl"}; }
Words in_words(const ResetSignals&) {
  return {"reset signal dispositions and mask", "rt_sigaction rt_sigprocmask"};
}
Words in_words(const SetUmask& a) {
  const char digits[] = {'0', static_cast<char>('0' + (a.mask >> 6 & 7)),
                         static_cast<char>('0' + (a.mask >> 3 & 7)),
                         static_cast<char>('0' + (a.mask & 7)), '\0'};
  return {std::string("set the umask to ") + digits, "umask"};
}
Words in_words(const NewSession&) { return {"start a new session", "setsid"}; }
Words in_words(const OpenTerminal&) {
  return {
      "open a pseudo-terminal of the container's devpts as /dev/console and controlling terminal",
      "openat2 fstatfs ioctl openat2 openat fstat open_tree move_mount setsid ioctl sendmsg dup3"};
}
Words in_words(const ChangeDirectory& a) {
  return {"change to the folder " + text::quoted(a.path),
          a.make ? "chdir openat? openat2? mkdirat? fchdir? getcwd" : "chdir getcwd"};
}
Words in_words(const DropBounding& a) {
  return {"drop from the bounding set: " + names::capabilities(a.capabilities), "prctl"};
}
Words in_words(const SetIds& a) {
  std::string groups;
  for (const gid_t group : a.user.groups)
    groups += (groups.empty() ? "" : " ") + std::to_string(group);
  return {"set uid " + std::to_string(a.user.uid) + ", gid " + std::to_string(a.user.gid) +
              ", groups [" + groups + "]" +
              (a.may_keep_groups ? " as far as the kernel lets us" : ""),
          "setgroups setresgid setresuid"};
}
Words in_words(const SetCapabilities& a) {
  return {"keep the capabilities: " + sets_text(a.sets) +
              (a.until_exec.empty() ? "" : "; until exec: " + names::capabilities(a.until_exec)),
          "prctl capset"};
}
Words in_words(const NoNewPrivileges&) { return {"set no_new_privs", "prctl"}; }
Words in_words(const CarryProbe&) {
  return {"put the probe into a sealed file in memory", "memfd_create write fcntl"};
}
Words in_words(const FindExecutable& a) {
  return {"find " + text::quoted(a.name) +
              (a.name.find('/') == std::string::npos ? " in " + a.path : ""),
          "newfstatat faccessat2 openat?"};
}
Words in_words(const OutliveParent&) {
  return {"no longer ask for SIGKILL when MyDocker ends", "prctl"};
}
Words in_words(const Rendezvous&) {
  return {"tell MyDocker that the container is ready", "sendmsg"};
}
Words in_words(const RestrictFiles& a) {
  std::vector<std::string> paths, descriptors;
  for (const auto& rule : a.rules)
    paths.push_back(rule.path + (rule.rights == a.handled ? "" : " (to read and execute)"));
  for (const unsigned fd : a.descriptors) descriptors.push_back(std::to_string(fd));
  return {"open from here on only what is below " + text::join(paths, ", ") +
              (descriptors.empty()
                   ? ""
                   : ", and the files of the descriptors " + text::join(descriptors, ", ")) +
              (a.shuts_abstract_sockets ? "; reach no abstract socket of the host" : ""),
          "landlock_create_ruleset openat? landlock_add_rule fstat? fcntl? landlock_add_rule? "
          "landlock_restrict_self"};
}
Words in_words(const CloseOnExec& a) {
  std::string kept;
  for (const unsigned fd : a.kept) kept += (kept.empty() ? " but " : ", ") + std::to_string(fd);
  return {"close every descriptor from " + std::to_string(a.first) + " on" + kept + " at exec",
          "close_range"};
}
Words in_words(const LoadSeccomp& a) {
  return {"load the seccomp filter (" + std::to_string(a.program.size()) + " instructions)",
          "seccomp"};
}
Words in_words(const Exec& a) {
  return {"execute " + text::quoted(text::join(a.argv, " ")) +
              (a.under_init ? " as the child of a small PID 1" : ""),
          a.under_init ? "clone prctl? close_range? execve" : "execve"};
}

Words words_of(const Action& action) {
  return std::visit([](const auto& a) { return in_words(a); }, action);
}

}  // namespace

std::string describe(const Action& action) { return words_of(action).text; }

std::string_view system_calls(const Action& action) { return words_of(action).calls; }

bool LoadSeccomp::operator==(const LoadSeccomp& other) const {
  const auto equal = [](const sock_filter& a, const sock_filter& b) {
    return a.code == b.code && a.jt == b.jt && a.jf == b.jf && a.k == b.k;
  };
  return program.size() == other.program.size() && flags == other.flags &&
         listener == other.listener && answered_here == other.answered_here &&
         std::equal(program.begin(), program.end(), other.program.begin(), equal);
}

}  // namespace mydocker
