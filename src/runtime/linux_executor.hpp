// The real thing: each action becomes its system calls.
#pragma once

#include <string>
#include <string_view>

#include "mydocker/executor.hpp"
#include "runtime/context.hpp"

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
  void act(const WriteFile& action);
  void act(const WriteWeight& action);
  // Mounts: linux_mounts.cpp
  void act(const OpenTree& action);
  void act(const SetTree& action);
  void act(const MakeMountsPrivate& action);
  void act(const AttachRoot& action);
  void act(const AttachTree& action);
  void act(const MountFileSystem& action);
  void act(const MakeNode& action);
  void act(const BindDevice& action);
  void act(const MakeSymlink& action);
  void act(const MaskPath& action);
  void act(const MakeReadOnly& action);
  void act(const PivotRoot& action);
  // The process: linux_process.cpp
  void act(const DieWithParent& action);
  void act(const Unshare& action);
  void act(const SetHostname& action);
  void act(const RaiseLoopback& action);
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
  void act(const FindExecutable& action);
  void act(const Rendezvous& action);
  void act(const CloseOnExec& action);
  void act(const LoadSeccomp& action);
  void act(const Exec& action);

  [[nodiscard]] int root() const { return context_.trees[kRootTree].get(); }
  // The folder that holds `path` in the new root; kept open while consecutive paths share it.
  int parent_of(std::string_view path);
  void refuse_protected(int target);
  UniqueFd mask_like(int target);

  Context& context_;
  std::string parent_path_;
  UniqueFd parent_;
  UniqueFd mask_;  // the mount that masks are copies of
};

}  // namespace mydocker
