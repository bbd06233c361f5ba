// The real thing: each action becomes its system calls.
#pragma once

#include <string>
#include <string_view>

#include "mydocker/executor.hpp"
#include "runtime/context.hpp"
#include "runtime/mounts_made.hpp"
#include "sys/mounts.hpp"

namespace mydocker {

class LinuxExecutor final : public Executor {
 public:
  // `context` is shared with the Runtime and outlives the executor.
  explicit LinuxExecutor(Context& context) : context_(context) {}

  void perform(const Step& step) override;
  bool undo(const Action& action) noexcept override;

 private:
  // Ownership and cgroups: linux_cgroups.cpp
  void act(const CreateRecord& action);
  void act(const RecordChild& action);
  void act(const RemoveRecord& action);
  void act(const MakeCgroup& action);
  void act(const RemoveCgroup& action);
  void act(const MakeFolder& action);
  void act(const RemoveFolder& action);
  void act(const StartUnit& action);
  void act(const StopUnit& action);
  void act(const WriteFile& action);
  void act(const WriteWeight& action);
  void act(const AllowDevices& action);
  void act(const GiveCgroup& action);
  // A root of layers: linux_layers.cpp
  void act(const HoldImage& action);
  void act(const MakeWritable& action);
  void act(const RemoveWritable& action);
  void act(const MountDisk& action);
  void act(const MountLayers& action);
  // Mounts: linux_mounts.cpp
  void act(const OpenTree& action);
  void act(const SetTree& action);
  void act(const MakeMountsPrivate& action);
  void act(const SetPropagation& action);
  void act(const AttachRoot& action);
  void act(const AttachTree& action);
  void act(const MountFileSystem& action);
  void act(const ChangeMount& action);
  void act(const MakeNode& action);
  void act(const BindDevice& action);
  void act(const BindFolder& action);
  void act(const MakeSymlink& action);
  void act(const MaskPath& action);
  void act(const DropMaskSource& action);
  void act(const MakeReadOnly& action);
  void act(const ProvideFile& action);
  void act(const PivotRoot& action);
  // Namespaces, names, network: linux_namespaces.cpp
  void act(const OpenNamespace& action);
  void act(const JoinNamespaces& action);
  void act(const MapIds& action);
  void act(const Unshare& action);
  void act(const SetHostname& action);
  void act(const SetDomainname& action);
  void act(const RaiseLoopback& action);
  void act(const MoveNetworkDevice& action);
  // The container's way to others: linux_network.cpp
  void act(const Netlink& action);
  void act(const TakeAddress& action);
  void act(const MakeBridge& action);
  void act(const LeaveBridge& action);
  void act(const TakePort& action);
  void act(const HoldSetting& action);
  void act(const ReleaseSetting& action);
  void act(const StartFirewall& action);
  void act(const AddRules& action);
  void act(const AwaitRules& action);
  void act(const RemoveRules& action);
  void act(const HoldPort& action);
  void act(const ForgetConnections& action);
  void act(const StartPasta& action);
  void act(const EndPasta& action);
  void act(const OpenCni& action);
  void act(const AddByPlugin& action);
  void act(const CloseCni& action);
  // Hooks and the last steps: linux_gate.cpp
  void act(const RunHook& action);
  void act(const AwaitHooks& action);
  void act(const CarryProbe& action);
  void act(const FindExecutable& action);
  void act(const OutliveParent& action);
  void act(const Rendezvous& action);
  void act(const RestrictFiles& action);
  void act(const CloseOnExec& action);
  void act(const LoadSeccomp& action);
  void act(const Exec& action);
  // Attributes of a process: linux_attributes.cpp
  void act(const SetRlimit& action);
  void act(const SetScheduler& action);
  void act(const SetIoPriority& action);
  void act(const SetPersonality& action);
  void act(const SetMemoryPolicy& action);
  void act(const SetAffinity& action);
  void act(const SetExecLabel& action);
  // The process: linux_process.cpp
  void act(const DieWithParent& action);
  void act(const HideFromTracers& action);
  void act(const JoinSessionKeyring& action);
  void act(const ResetSignals& action);
  void act(const SetUmask& action);
  void act(const NewSession& action);
  void act(const OpenTerminal& action);
  void act(const ChangeDirectory& action);
  void act(const DropBounding& action);
  void act(const SetIds& action);
  void act(const SetCapabilities& action);
  void act(const NoNewPrivileges& action);

  [[nodiscard]] int root() const { return context_.trees[kRootTree].get(); }
  // A place in the new root, without any link on its path, on the mounts that were made.
  [[nodiscard]] UniqueFd real_place(std::string_view path, sys::Create create) const;
  // Empty where this kernel has no such file.
  [[nodiscard]] UniqueFd if_it_exists(const std::string& path) const;
  // The folder that holds `path` in the new root; kept open while consecutive paths share it.
  int parent_of(std::string_view path);
  void refuse_protected(int target);
  static void refuse_proc(int target, std::string_view path, int mount);
  [[nodiscard]] UniqueFd user_namespace_of(const MountIdMap& map) const;
  UniqueFd mask_like(int target, Masks::File kind);

  Context& context_;
  MountsMade mounts_;
  std::string parent_path_;
  UniqueFd parent_;
  UniqueFd mask_;  // the mount that masks are copies of
};

}  // namespace mydocker
