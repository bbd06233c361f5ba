#include "sys/own_ids.hpp"

#include <unistd.h>

#include "helpers/id_maps.hpp"
#include "sys/files.hpp"

namespace mydocker::sys {

std::string find_map_program(const std::string& name) {
  for (const char* const folder : {"/usr/bin/", "/bin/"}) {
    if (::access((folder + name).c_str(), X_OK) == 0) return folder + name;
  }
  return {};
}

OwnIds own_ids() {
  const std::uint32_t uid = ::geteuid(), gid = ::getegid();
  OwnIds out{{{0, uid, 1}}, {{0, gid, 1}}};
  const auto uids = try_read_file("/etc/subuid"), gids = try_read_file("/etc/subgid");
  if (!uids || !gids) return out;
  const std::string name = user_name(try_read_file("/etc/passwd").value_or(""), uid);
  OwnIds several{own_id_map(uid, *uids, name, uid), own_id_map(gid, *gids, name, uid)};
  const bool can_map = several.uids.size() > 1 && several.gids.size() > 1 &&
                       !find_map_program("newuidmap").empty() &&
                       !find_map_program("newgidmap").empty();
  return can_map ? several : out;
}

}  // namespace mydocker::sys
