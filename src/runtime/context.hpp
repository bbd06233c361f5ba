// What performing a plan holds in its hands: descriptors, the child, the channel. Made by Runtime,
// used by
// LinuxExecutor; the child has its own copy after clone.
#pragma once

#include <sys/types.h>

#include <string>
#include <vector>

#include "mydocker/action.hpp"
#include "mydocker/unique_fd.hpp"
#include "runtime/channel.hpp"
#include "runtime/shared_page.hpp"

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

struct Context {
  std::vector<UniqueFd> trees;        // by Tree
  UniqueFd record;                    // locked while MyDocker lives
  std::vector<std::string> cgroups;   // the hierarchies in which this run made its folder
  pid_t child = 0;                    // known on the host after clone
  std::vector<std::string> warnings;  // found while performing, said by the front end
  SharedPage* page = nullptr;

  // In the child only:
  ChildEnd* channel = nullptr;
  bool gate = false;       // wait for the start after Ready
  std::string executable;  // found by FindExecutable
  ExecImage image;
};

}  // namespace mydocker
