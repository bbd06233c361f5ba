// Maps of user namespaces: as text, and for a user who is not root. Pure.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "mydocker/mount.hpp"

namespace mydocker {

// The content of /proc/PID/uid_map for `ranges`, see user_namespaces(7).
[[nodiscard]] std::string id_map_text(const std::vector<IdRange>& ranges);

// The name of user `uid` by the bytes of /etc/passwd; empty if it has none there.
[[nodiscard]] std::string user_name(std::string_view passwd, std::uint32_t uid);

// What a user may map: the own id `own` to 0, and behind it the ranges that the bytes of /etc/subuid
// or /etc/subgid give to `user`, a name or a number. The host's root is in no map. See subuid(5).
[[nodiscard]] std::vector<IdRange> own_id_map(std::uint32_t own, std::string_view file,
                                              std::string_view name, std::uint32_t uid);

// The user to whom the bytes of /etc/subuid give some of the ids that `range` has outside, as they
// stand there; empty if nobody.
[[nodiscard]] std::string sharer_of(const IdRange& range, std::string_view file);

}  // namespace mydocker
