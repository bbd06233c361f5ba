#include "sys/user_namespaces.hpp"

#include <fcntl.h>
#include <linux/sched.h>
#include <sys/stat.h>
#include <unistd.h>

#include <csignal>
#include <string>

#include "helpers/id_maps.hpp"
#include "sys/check.hpp"
#include "sys/files.hpp"
#include "sys/processes.hpp"

namespace mydocker::sys {

UniqueFd make_user_namespace(const std::vector<IdRange>& uids, const std::vector<IdRange>& gids) {
  Cloned holder = clone_into(CLONE_NEWUSER, -1);
  if (holder.pid == 0) {
    ::pause();
    ::_exit(0);
  }
  const auto end = [&holder] {
    send_signal(holder.pidfd.get(), SIGKILL);
    (void)wait_for(holder.pidfd.get());
  };
  try {
    const std::string folder = "/proc/" + std::to_string(holder.pid);
    write_file(folder + "/uid_map", id_map_text(uids));
    write_file(folder + "/gid_map", id_map_text(gids));
    UniqueFd out = check_fd(::open((folder + "/ns/user").c_str(), O_RDONLY | O_CLOEXEC), "open");
    end();
    return out;
  } catch (const std::system_error&) {
    end();
    throw;
  }
}

bool is_in_first_user_namespace() {
  constexpr ino_t kFirst = 0xEFFFFFFD;  // PROC_USER_INIT_INO, the same in every kernel
  struct stat info {};
  return ::stat("/proc/self/ns/user", &info) == 0 && info.st_ino == kFirst;
}

}  // namespace mydocker::sys
