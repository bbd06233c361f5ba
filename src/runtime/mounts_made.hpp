// The mounts that were made in a new root so far, by their descriptors. Whoever shares the root may
// rename the folder below a mount meanwhile, and then another one has the path; the mount is the same.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "mydocker/unique_fd.hpp"

namespace mydocker {

class MountsMade {
 public:
  void add(std::string_view target, UniqueFd mount);
  void clear() { mounts_.clear(); }

  // The mount that `path` lies on, with the path as seen from there; {-1, path} for one that was
  // made by nobody.
  [[nodiscard]] std::pair<int, std::string> find(std::string_view path) const;

 private:
  std::vector<std::pair<std::string, UniqueFd>> mounts_;
};

}  // namespace mydocker
