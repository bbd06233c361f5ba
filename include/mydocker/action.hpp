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

#include "mydocker/spec.hpp"

namespace mydocker {

// Stands in paths and texts for the child's pid, which nobody knows before clone3.
inline constexpr std::string_view kChild = "<child>";

// Attributes of a mount, in the words of mount(8); see mount_setattr(2).
struct MountFlags {
  bool read_only = false, nosuid = false, nodev = false, noexec = false;
  bool operator==(const MountFlags&) const = default;
};
inline constexpr MountFlags kNosuidNodev{.nosuid = true, .nodev = true};
inline constexpr MountFlags kNosuidNoexec{.nosuid = true, .noexec = true};
inline constexpr MountFlags kInert{.nosuid = true, .nodev = true, .noexec = true};

// A detached copy of a mount tree, opened on the host and attached in the child: 0 is the root,
// 1 and up are the volumes. See open_tree(2).
using Tree = unsigned;
inline constexpr Tree kRootTree = 0;

// What to do if a file to be written does not exist.
enum class Missing { is_an_error, is_fine };

// ---- on the host ----
// The record of this run, locked while MyDocker lives; whoever finds it unlocked may sweep. See
// flock(2).
struct CreateRecord {
  std::string path;
  bool operator==(const CreateRecord&) const = default;
};
struct RecordChild {
  std::string path;
  bool operator==(const RecordChild&) const = default;
};
struct RemoveRecord {
  std::string path;
  bool operator==(const RemoveRecord&) const = default;
};
// `top`/mydocker/`id`; on v2 with `controllers` enabled from the top down.
struct MakeCgroup {
  int version = 2;
  std::string top, id;
  std::vector<std::string> controllers;
  bool leave_for_leaf = false;
  bool operator==(const MakeCgroup&) const = default;
};
// Ends what still runs in it and removes the folder, and the one above if it is empty.
struct RemoveCgroup {
  std::string top, id;
  bool operator==(const RemoveCgroup&) const = default;
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
struct OpenTree {
  Tree tree = kRootTree;
  std::string path;
  bool operator==(const OpenTree&) const = default;
};
// Flags and private propagation for a whole tree; with `id_mapped`, ids as the child's user
// namespace maps them.
struct SetTree {
  Tree tree = kRootTree;
  MountFlags flags;
  bool id_mapped = false;
  // Made on the host if the file system cannot be ID-mapped: each path, and the tree that will lie
  // there
  // (a file or a folder), or kRootTree for a folder.
  std::vector<std::pair<std::string, Tree>> mount_points;
  bool operator==(const SetTree&) const = default;
};

// ---- in the child ----
// Die with MyDocker: asked twice, since every change of ids forgets it. See PR_SET_PDEATHSIG in
// prctl(2).
struct DieWithParent {
  bool operator==(const DieWithParent&) const = default;
};
struct Unshare {
  std::uint64_t flags = 0;
  bool operator==(const Unshare&) const = default;
};
struct SetHostname {
  std::string name;
  bool operator==(const SetHostname&) const = default;
};
struct RaiseLoopback {
  bool operator==(const RaiseLoopback&) const = default;
};
struct MakeMountsPrivate {
  bool operator==(const MakeMountsPrivate&) const = default;
};
// The root's tree over "/"; it becomes the root itself with PivotRoot.
struct AttachRoot {
  bool operator==(const AttachRoot&) const = default;
};
struct AttachTree {
  Tree tree = 1;
  std::string target;
  bool operator==(const AttachTree&) const = default;
};
struct MountFileSystem {
  std::string type, target;
  MountFlags flags;
  std::vector<std::pair<std::string, std::string>> options;
  bool by_user = false;  // asked for: symbolic links of the root may lead to the target
  bool operator==(const MountFileSystem&) const = default;
};
struct MakeNode {
  std::string path;
  unsigned major = 0, minor = 0;
  mode_t mode = 0666;
  bool operator==(const MakeNode&) const = default;
};
struct BindDevice {
  std::string source, target;
  bool operator==(const BindDevice&) const = default;
};
struct MakeSymlink {
  std::string target, path;
  bool operator==(const MakeSymlink&) const = default;
};
// Nothing to be read, listed or written there any more; a path that this kernel lacks is no error.
struct MaskPath {
  std::string path;
  bool operator==(const MaskPath&) const = default;
};
struct MakeReadOnly {
  std::string path;
  bool operator==(const MakeReadOnly&) const = default;
};
struct PivotRoot {
  bool operator==(const PivotRoot&) const = default;
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
struct OpenTerminal {
  std::array<bool, 3> on_terminal{};
  unsigned short rows = 24, columns = 80;
  uid_t owner = 0;
  bool operator==(const OpenTerminal&) const = default;
};
struct ChangeDirectory {
  std::string path;
  bool operator==(const ChangeDirectory&) const = default;
};
struct DropBounding {
  std::vector<int> capabilities;
  bool operator==(const DropBounding&) const = default;
};
struct SetIds {
  User user;
  bool operator==(const SetIds&) const = default;
};
// Effective and permitted become `kept`; inheritable and ambient become empty. See capabilities(7).
struct SetCapabilities {
  std::vector<int> kept;
  bool operator==(const SetCapabilities&) const = default;
};
struct NoNewPrivileges {
  bool operator==(const NoNewPrivileges&) const = default;
};
// The entrypoint, looked up in the container's own PATH while an error can still be told well.
struct FindExecutable {
  std::string name, path;
  bool operator==(const FindExecutable&) const = default;
};
// The child is ready; with a gate it waits here for the start.
struct Rendezvous {
  bool operator==(const Rendezvous&) const = default;
};
struct CloseOnExec {
  unsigned first = 3;
  bool operator==(const CloseOnExec&) const = default;
};
struct LoadSeccomp {
  std::vector<sock_filter> program;
  bool operator==(const LoadSeccomp& other) const;
};
struct Exec {
  std::vector<std::string> argv, environment;
  bool under_init = false;
  bool operator==(const Exec&) const = default;
};

using Action =
    std::variant<CreateRecord, RecordChild, RemoveRecord, MakeCgroup, RemoveCgroup, WriteFile,
                 WriteWeight, OpenTree, SetTree, DieWithParent, Unshare, SetHostname, RaiseLoopback,
                 MakeMountsPrivate, AttachRoot, AttachTree, MountFileSystem, MakeNode, BindDevice,
                 MakeSymlink, MaskPath, MakeReadOnly, PivotRoot, JoinSessionKeyring, ResetSignals,
                 SetUmask, NewSession, OpenTerminal, ChangeDirectory, DropBounding, SetIds,
                 SetCapabilities, NoNewPrivileges, FindExecutable, Rendezvous, CloseOnExec,
                 LoadSeccomp, Exec>;

// One line for people: what is asked, with its values.
[[nodiscard]] std::string describe(const Action& action);

// The system calls that the request is made of, in their order, without repetitions: "fsopen
// fsconfig ...".
// A '?' behind a name: made only if needed.
[[nodiscard]] std::string_view system_calls(const Action& action);

}  // namespace mydocker
