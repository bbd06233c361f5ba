// Whom to run as, by the container's own files: no library that would read the host's. Pure.
#pragma once

#include <string>
#include <string_view>

#include "mydocker/spec.hpp"

namespace mydocker {

// The bytes of the root's /etc/passwd and /etc/group; empty where it has none. See passwd(5),
// group(5).
struct UserFiles {
  std::string passwd, group;
};

struct ResolvedUser {
  User user;
  std::string home = "/";
};

// "UID[:GID]" or "NAME[:GROUP]". Digits alone are a number, never a name; a number beyond
// 4294967294 is refused. Without a group: the one of passwd, or 0, and the groups that list the
// user.
// Throws UsageError.
[[nodiscard]] ResolvedUser resolve_user(std::string_view text, const UserFiles& files);

}  // namespace mydocker
