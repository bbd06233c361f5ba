// The ids that the user who runs MyDocker may give to a user namespace. See subuid(5).
#pragma once

#include <string>
#include <vector>

#include "mydocker/mount.hpp"

namespace mydocker::sys {

struct OwnIds {
  std::vector<IdRange> uids, gids;
  [[nodiscard]] bool are_several() const { return uids.size() > 1; }
};

// The own id, and with newuidmap(1) and newgidmap(1) the ranges of /etc/subuid and /etc/subgid;
// where one of these four is lacking, the own id alone.
[[nodiscard]] OwnIds own_ids();

// Where newuidmap(1) or newgidmap(1) is; empty if it is not installed.
[[nodiscard]] std::string find_map_program(const std::string& name);

}  // namespace mydocker::sys
