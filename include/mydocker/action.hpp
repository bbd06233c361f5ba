// The things a container runtime asks of Linux, one plain value each. A closed list: it is the
// lesson, and the compiler names every place to extend when one is added (describe.cpp,
// linux_executor.cpp).
#pragma once

#include <linux/filter.h>
#include <sys/types.h>

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "mydocker/layers_action.hpp"
#include "mydocker/network_action.hpp"
#include "mydocker/spec.hpp"
#include "mydocker/systemd_unit.hpp"

namespace mydocker {

// Stands in paths and texts for the child's pid, which nobody knows before clone3.
inline constexpr std::string_view kChild = "<child>";

// A detached copy of a mount tree, opened on the host and attached in the child: 0 is the root,
// 1 and up are the bind mounts. See open_tree(2).
using Tree = unsigned;
inline constexpr Tree kRootTree = 0;
// Those that the root is made of, if it has layers: the writable one, and the lower ones from the
// topmost on.
inline constexpr Tree kWritableTree = 999, kFirstLayerTree = 1000;

// What to do if a file to be written does not exist.
enum class Missing { is_an_error, is_fine };

// ---- on the host ----
// The record of this run, locked while MyDocker lives; whoever finds it unlocked may sweep. See
// flock(2).
struct CreateRecord {
  std::string path;
  bool operator==(const CreateRecord&) const = default;
};
// Its pid, and on a line of its own what `inspect` tells besides: a JSON object.
struct RecordChild {
  std::string path;
  std::string description;
  bool operator==(const RecordChild&) const = default;
};
struct RemoveRecord {
  std::string path;
  bool operator==(const RemoveRecord&) const = default;
};
// The folder `top`/`path`; on v2 with `controllers` enabled from the top down, and those of
// `wished` that the kernel lets us have.
struct MakeCgroup {
  int version = 2;
  std::string top, path;
  std::vector<std::string> controllers, wished;
  bool leave_for_leaf = false;
  bool may_exist = false;    // an empty folder of that name is taken over
  bool holds_child = false;  // systemd may have made it, and put the child in
  bool operator==(const MakeCgroup&) const = default;
};
// Ends what still runs in it and removes the folder, and the one above if that is ours and empty.
struct RemoveCgroup {
  std::string top, path;
  bool operator==(const RemoveCgroup&) const = default;
};
// Has systemd make a unit and move the child into it: the folders of its cgroup are systemd's then,
// and so are their limits, as far as `properties` say them. See systemd.scope(5).
struct StartUnit {
  Systemd systemd = Systemd::of_system;
  std::string unit, slice, description;
  UnitProperties properties;
  bool operator==(const StartUnit&) const = default;
};
struct StopUnit {
  Systemd systemd = Systemd::of_system;
  std::string unit;
  bool operator==(const StopUnit&) const = default;
};
struct WriteFile {
  std::string path, text;
  Missing missing = Missing::is_an_error;
  bool operator==(const WriteFile&) const = default;
};
// A weight is advice: the first file that exists takes it; where none does, `warning` is said if
// not empty.
struct WriteWeight {
  std::vector<std::pair<std::string, std::string>> files_and_texts;
  std::string warning;
  bool operator==(const WriteWeight&) const = default;
};
// Which devices the processes of a v2 folder may use: a program that the kernel asks at each open
// and mknod, in the place of the one that an earlier AllowDevices put there. See bpf(2).
struct AllowDevices {
  std::string folder;
  std::vector<DeviceRule> rules;
  bool operator==(const AllowDevices&) const = default;
};
// A v2 folder whose owner may make folders below and divide what this one has: itself, and the
// files that the kernel names in /sys/kernel/cgroup/delegate, belong to `owner`. The limits do not.
struct GiveCgroup {
  std::string folder;
  uid_t owner = 0;
  bool operator==(const GiveCgroup&) const = default;
};
// A folder of a kernel file system; one that is there already is used, and stays.
struct MakeFolder {
  std::string path;
  bool operator==(const MakeFolder&) const = default;
};
struct RemoveFolder {
  std::string path;
  bool operator==(const RemoveFolder&) const = default;
};
struct OpenTree {
  Tree tree = kRootTree;
  std::string path;
  bool recursive = true;
  bool may_be_lacking = false;
  bool operator==(const OpenTree&) const = default;
};
// Attributes and propagation of a tree: of its top mount, and of all its mounts. With `id_map`, ids
// as that map or the child's user namespace maps them.
struct SetTree {
  Tree tree = kRootTree;
  MountFlags set, clear, set_below, clear_below;
  MountPropagation propagation{Propagation::is_private, true};
  std::optional<MountIdMap> id_map;
  // Made on the host if the file system cannot be ID-mapped: each path, and the tree that will lie
  // there
  // (a file or a folder), or kRootTree for a folder.
  std::vector<std::pair<std::string, Tree>> mount_points;
  bool operator==(const SetTree&) const = default;
};
// An existing namespace, held by a descriptor. `type` is a CLONE_NEW* flag.
struct OpenNamespace {
  std::uint64_t type = 0;
  std::string path;
  bool operator==(const OpenNamespace&) const = default;
};
// Has a set-user-ID helper of the system write the child's map: "newuidmap" or "newgidmap", which
// know what /etc/subuid and /etc/subgid give to the user. See newuidmap(1).
struct MapIds {
  std::string program;
  std::vector<IdRange> ranges;
  bool operator==(const MapIds&) const = default;
};
// Moves a network device of the host into the child's network namespace. See rtnetlink(7).
struct MoveNetworkDevice {
  std::string name, name_inside;
  bool operator==(const MoveNetworkDevice&) const = default;
};

// A hook of the caller's, with the container's state on its standard input; on the host or in the
// child.
struct RunHook {
  Hook hook;
  std::string_view point;   // "createRuntime"
  std::string_view status;  // what the state says: "creating", "created", "running", "stopped"
  bool operator==(const RunHook&) const = default;
};

// The probe that MyDocker carries, as a sealed file in memory, is what will be executed. Close-on-exec:
// nothing of it is left open in the container.
struct CarryProbe {
  bool operator==(const CarryProbe&) const = default;
};

// ---- in the child ----
// Die with MyDocker: asked twice, since every change of ids forgets it. See PR_SET_PDEATHSIG in
// prctl(2).
struct DieWithParent {
  bool operator==(const DieWithParent&) const = default;
};
// Nobody but root of the host may look into this process until it executes. See PR_SET_DUMPABLE in
// prctl(2).
struct HideFromTracers {
  bool operator==(const HideFromTracers&) const = default;
};
struct Unshare {
  std::uint64_t flags = 0;
  bool operator==(const Unshare&) const = default;
};
// Enters namespaces that OpenNamespace holds, all of `types` but user and pid: those are entered
// before clone3, since the second only holds for children. See setns(2).
struct JoinNamespaces {
  std::uint64_t types = 0;
  bool operator==(const JoinNamespaces&) const = default;
};
struct SetHostname {
  std::string name;
  bool operator==(const SetHostname&) const = default;
};
struct SetDomainname {
  std::string name;
  bool operator==(const SetDomainname&) const = default;
};
struct RaiseLoopback {
  bool operator==(const RaiseLoopback&) const = default;
};
// A file that MyDocker writes, over the root's own: `text` with the container's addresses in it. If
// `is_of_network`, what the network says of resolvers takes the text's place, where it says something.
struct ProvideFile {
  std::string path, text;
  bool is_of_network = false;
  bool operator==(const ProvideFile&) const = default;
};
struct MakeMountsPrivate {
  bool operator==(const MakeMountsPrivate&) const = default;
};
// The root's tree over `target`, a path of the host; it becomes the root itself with PivotRoot.
struct AttachRoot {
  std::string target = "/";
  bool operator==(const AttachRoot&) const = default;
};
struct AttachTree {
  Tree tree = 1;
  std::string target;
  bool guarded = false;  // not where it would cover /proc, /sys or /dev
  bool operator==(const AttachTree&) const = default;
};
struct MountFileSystem {
  std::string type, target;
  MountFlags flags;
  std::vector<std::pair<std::string, std::string>> options;
  bool guarded = false;
  bool links = false;    // symbolic links of the root may lead to the target
  bool copy_up = false;  // filled with what the root has in this place
  MountPropagation propagation;
  bool operator==(const MountFileSystem&) const = default;
};
// Other attributes for what is mounted at the target.
struct ChangeMount {
  std::string target;
  MountFlags set, clear, set_below, clear_below;
  std::optional<MountPropagation> propagation;
  bool operator==(const ChangeMount&) const = default;
};
struct MakeNode {
  Device device;
  bool operator==(const MakeNode&) const = default;
};
struct BindDevice {
  std::string source, target;
  bool operator==(const BindDevice&) const = default;
};
// A folder of the host's, and nothing mounted below it.
struct BindFolder {
  std::string source, target;
  MountFlags flags;
  bool operator==(const BindFolder&) const = default;
};
struct MakeSymlink {
  std::string target, path;
  bool operator==(const MakeSymlink&) const = default;
};
// Nothing to be read, listed or written there any more; a path that this kernel lacks is no error.
struct MaskPath {
  std::string path;
  Masks::File file = Masks::File::unreadable;
  bool operator==(const MaskPath&) const = default;
};
struct MakeReadOnly {
  std::string path;
  bool is_mount = false;  // a mount of ours, changed as it is: else a read-only copy covers it
  bool operator==(const MakeReadOnly&) const = default;
};
// The mount that masks are copies of leaves the container's /dev again.
struct DropMaskSource {
  bool operator==(const DropMaskSource&) const = default;
};
// The host runs the hooks meanwhile.
struct AwaitHooks {
  bool operator==(const AwaitHooks&) const = default;
};
struct PivotRoot {
  bool operator==(const PivotRoot&) const = default;
};
struct SetPropagation {
  MountPropagation propagation;
  bool operator==(const SetPropagation&) const = default;
};
struct JoinSessionKeyring {
  bool operator==(const JoinSessionKeyring&) const = default;
};
struct ResetSignals {
  bool operator==(const ResetSignals&) const = default;
};
struct SetUmask {
  mode_t mask = 022;
  bool operator==(const SetUmask&) const = default;
};
struct NewSession {
  bool operator==(const NewSession&) const = default;
};
// What becomes of /dev/console: nothing (the process joins a container), the terminal bound over one
// that is there (in a /dev that may be the host's), or over one that is made if it is missing.
enum class ConsoleFile { untouched, bound, made };
struct OpenTerminal {
  std::array<bool, 3> on_terminal{};
  unsigned short rows = 24, columns = 80;
  uid_t owner = 0;
  ConsoleFile console = ConsoleFile::made;
  bool operator==(const OpenTerminal&) const = default;
};
struct SetRlimit {
  Rlimit limit;
  bool operator==(const SetRlimit&) const = default;
};
struct SetScheduler {
  Scheduler scheduler;
  bool operator==(const SetScheduler&) const = default;
};
struct SetIoPriority {
  IoPriority priority;
  bool operator==(const SetIoPriority&) const = default;
};
struct SetPersonality {
  unsigned long persona = 0;
  bool operator==(const SetPersonality&) const = default;
};
struct SetMemoryPolicy {
  MemoryPolicy policy;
  bool operator==(const SetMemoryPolicy&) const = default;
};
struct SetAffinity {
  std::string processors;
  bool operator==(const SetAffinity&) const = default;
};
// The label that execve gives the entrypoint: "apparmor" or "selinux".
struct SetExecLabel {
  std::string module, label;
  bool operator==(const SetExecLabel&) const = default;
};
struct ChangeDirectory {
  std::string path;
  bool make = false;  // where it is missing
  bool operator==(const ChangeDirectory&) const = default;
};
struct DropBounding {
  std::vector<int> capabilities;
  bool operator==(const DropBounding&) const = default;
};
struct SetIds {
  User user;
  // Where setgroups(2) is denied (a map written without root) the groups stay: inside, they are
  // nobody's.
  bool may_keep_groups = false;
  bool keeps_capabilities = false;  // permitted ones outlive the change from uid 0 to another
  bool operator==(const SetIds&) const = default;
};
// All sets but the bounding one become those of `sets`. `until_exec` stay effective besides, and
// are gone after execve, since no other set holds them. See capabilities(7).
struct SetCapabilities {
  CapabilitySets sets;
  std::vector<int> until_exec;
  bool operator==(const SetCapabilities&) const = default;
};
struct NoNewPrivileges {
  bool operator==(const NoNewPrivileges&) const = default;
};
// The entrypoint, looked up in the container's own PATH while an error can still be told well.
struct FindExecutable {
  std::string name, path;
  bool may_be_32_bit = false;  // else the filter would kill a 32-bit program: it is refused here
  bool operator==(const FindExecutable&) const = default;
};
// No longer dies with MyDocker: it belongs to whoever reaps MyDocker's children.
struct OutliveParent {
  bool operator==(const OutliveParent&) const = default;
};
// The child is ready; with a gate it waits here for the start.
struct Rendezvous {
  bool operator==(const Rendezvous&) const = default;
};
// The rights (of landlock(7)) for what lies at a path and below it.
struct FileRule {
  std::string path;
  std::uint64_t rights = 0;
  bool operator==(const FileRule&) const = default;
};
// From here on this process, and all that it starts, has of the rights `handled` only those that a
// rule grants. What the standard and kept `descriptors` have open may be opened again, in the way
// in which it is open.
struct RestrictFiles {
  std::uint64_t handled = 0;
  std::vector<FileRule> rules;
  std::vector<unsigned> descriptors;
  // Abstract sockets, see unix(7), that somebody outside has made cannot be reached.
  bool shuts_abstract_sockets = false;
  bool operator==(const RestrictFiles&) const = default;
};
struct CloseOnExec {
  unsigned first = 3;
  std::vector<unsigned> kept;  // behind that, in order
  bool operator==(const CloseOnExec&) const = default;
};
struct LoadSeccomp {
  std::vector<sock_filter> program;
  unsigned flags = 0;          // SECCOMP_FILTER_FLAG_*
  std::string listener;        // the socket that takes the listener's descriptor, or empty
  bool answered_here = false;  // the listener is MyDocker itself
  bool operator==(const LoadSeccomp& other) const;
};
struct Exec {
  std::vector<std::string> argv, environment;
  bool under_init = false;
  bool operator==(const Exec&) const = default;
};

using Action = std::variant<
    CreateRecord, RecordChild, RemoveRecord, MakeCgroup, RemoveCgroup, StartUnit, StopUnit,
    WriteFile, WriteWeight, AllowDevices, GiveCgroup, MakeFolder, RemoveFolder, HoldImage,
    MakeWritable, RemoveWritable, MountDisk, MountLayers, OpenTree, SetTree, OpenNamespace, MapIds,
    MoveNetworkDevice, Netlink, TakeAddress, MakeBridge, LeaveBridge, TakePort, HoldSetting,
    ReleaseSetting, StartFirewall, AddRules, AwaitRules, RemoveRules, HoldPort, ForgetConnections,
    StartPasta, EndPasta, OpenCni, AddByPlugin, CloseCni, RunHook, CarryProbe, DieWithParent,
    HideFromTracers, Unshare, JoinNamespaces, SetHostname, SetDomainname, RaiseLoopback,
    MakeMountsPrivate, AttachRoot, AttachTree, MountFileSystem, ChangeMount, MakeNode, BindDevice,
    BindFolder, MakeSymlink, MaskPath, DropMaskSource, ProvideFile, MakeReadOnly, AwaitHooks,
    PivotRoot, SetPropagation, JoinSessionKeyring, ResetSignals, SetUmask, NewSession, OpenTerminal,
    SetRlimit, SetScheduler, SetIoPriority, SetPersonality, SetMemoryPolicy, SetAffinity,
    SetExecLabel, ChangeDirectory, DropBounding, SetIds, SetCapabilities, NoNewPrivileges,
    FindExecutable, OutliveParent, Rendezvous, RestrictFiles, CloseOnExec, LoadSeccomp, Exec>;

// One line for people: what is asked, with its values.
[[nodiscard]] std::string describe(const Action& action);

// The system calls that the request is made of, in their order, without repetitions: "fsopen
// fsconfig ...".
// A '?' behind a name: made only if needed.
[[nodiscard]] std::string_view system_calls(const Action& action);

}  // namespace mydocker
