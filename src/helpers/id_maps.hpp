// Maps of user namespaces as text. Pure.
#pragma once

#include <string>
#include <vector>

#include "mydocker/mount.hpp"

namespace mydocker {

// The content of /proc/PID/uid_map for `ranges`, see user_namespaces(7).
[[nodiscard]] std::string id_map_text(const std::vector<IdRange>& ranges);

}  // namespace mydocker
