// User namespaces made for their maps alone. See user_namespaces(7).
#pragma once

#include <string>
#include <vector>

#include "mydocker/mount.hpp"
#include "mydocker/unique_fd.hpp"

namespace mydocker::sys {

// A new user namespace with these maps and no process in it, held by the descriptor. Throws
// std::system_error.
[[nodiscard]] UniqueFd make_user_namespace(const std::vector<IdRange>& uids,
                                           const std::vector<IdRange>& gids);

// Writes a map of the process `child` by newuidmap(1) or newgidmap(1), which look whether the ranges
// outside are the caller's. Throws std::system_error: EPERM if they are not.
void map_by_program(const std::string& program, int child, const std::vector<IdRange>& ranges);

// Enters the network of the process `pid`, and first its user namespace, for good: without root, who
// made that has a say in what belongs to it. Throws std::system_error.
void enter_network_of(int pid);

// Whether this process is in the one that the host booted with, where capabilities are the host's.
[[nodiscard]] bool is_in_first_user_namespace();

}  // namespace mydocker::sys
