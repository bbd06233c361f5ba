// User namespaces made for their maps alone. See user_namespaces(7).
#pragma once

#include <vector>

#include "mydocker/mount.hpp"
#include "mydocker/unique_fd.hpp"

namespace mydocker::sys {

// A new user namespace with these maps and no process in it, held by the descriptor. Throws
// std::system_error.
[[nodiscard]] UniqueFd make_user_namespace(const std::vector<IdRange>& uids,
                                           const std::vector<IdRange>& gids);

// Whether this process is in the one that the host booted with, where capabilities are the host's.
[[nodiscard]] bool is_in_first_user_namespace();

}  // namespace mydocker::sys
