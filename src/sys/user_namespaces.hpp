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

}  // namespace mydocker::sys
