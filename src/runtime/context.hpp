// What performing a plan holds in its hands: descriptors, the child, the channel. Made by Runtime,
// used by
// LinuxExecutor; the child has its own copy after clone.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "cni/attachment.hpp"
#include "mydocker/action.hpp"
#include "mydocker/unique_fd.hpp"
#include "runtime/channel.hpp"
#include "runtime/pasta.hpp"
#include "runtime/shared_page.hpp"
#include "sys/firewall.hpp"

namespace mydocker {

// argv and envp as execve(2) wants them, built before the seccomp filter: allocating may need
// system calls.
class ExecImage {
 public:
  ExecImage() = default;
  explicit ExecImage(const Exec& exec);
  [[nodiscard]] char* const* argv() const { return argv_.data(); }
  [[nodiscard]] char* const* environment() const { return environment_.data(); }

 private:
  std::vector<char*> argv_, environment_;
};

// A namespace that OpenNamespace holds.
struct OpenedNamespace {
  std::uint64_t type = 0;
  UniqueFd fd;
};

struct Context {
  std::vector<UniqueFd> trees;  // by Tree
  std::vector<OpenedNamespace> namespaces;
  UniqueFd probe;                    // a program in memory to be executed, if one is carried
  std::vector<UniqueFd> held;        // folders that are locked: an image, a kept writable layer
  std::string writable;              // the folder that MakeWritable has made, to be removed
  UniqueFd record;                   // locked while MyDocker lives
  std::vector<std::string> cgroups;  // the hierarchies in which this run made its folder
  std::vector<std::string> folders;  // that this run made besides, by MakeFolder
  std::vector<std::string> units;    // of systemd, that this run has started
  OwnAddresses addresses;            // of the container, once TakeAddress has found them
  std::vector<UniqueFd> ports;       // that HoldPort holds
  cni::Attachment cni;               // once OpenCni has written it down
  Pasta pasta;                       // once StartPasta has started it
  std::optional<sys::FirewallProgram> firewall;  // while rules are being made
  UniqueFd network;                   // the container's, if what it was refused there is counted
  bool has_helpers = false;           // programs were started whose end nobody waited for
  pid_t child = 0;                    // known on the host after clone
  std::vector<std::string> warnings;  // found while performing, said by the front end
  SharedPage* page = nullptr;

  // For a front end that keeps a state of its own (OCI):
  std::function<void()> after_prepare;        // a last check before clone
  std::function<void(pid_t child)> on_child;  // in the place of writing the record
  // What a hook reads: the container's state as JSON, with this status and pid.
  std::function<std::string(std::string_view status, pid_t pid)> state;
  std::string hooks_folder = "/";  // where hooks of the host run
  UniqueFd start_socket;           // listening: who connects starts the child behind a closed gate
  UniqueFd page_file;              // the memory of `page`, for who connects

  // In the child only:
  ChildEnd* channel = nullptr;
  bool gate = false;       // wait for the start after Ready
  std::string executable;  // found by FindExecutable, or of CarryProbe
  ExecImage image;
};

}  // namespace mydocker
