#include "sys/user_namespaces.hpp"

#include <fcntl.h>
#include <linux/sched.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <csignal>
#include <string>

#include "helpers/id_maps.hpp"
#include "sys/check.hpp"
#include "sys/files.hpp"
#include "sys/own_ids.hpp"
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

void map_by_program(const std::string& program, int child, const std::vector<IdRange>& ranges) {
  std::vector<std::string> words{program, std::to_string(child)};
  for (const auto& [inside, outside, count] : ranges) {
    for (const auto number : {inside, outside, count}) words.push_back(std::to_string(number));
  }
  const std::string file = find_map_program(program);
  if (file.empty()) fail(ENOENT, "execve");
  if (run_program(file, words) != 0) fail(EPERM, "newuidmap");
}

void enter_network_of(int pid) {
  const UniqueFd process = open_process(pid);
  if (!process) fail(ESRCH, "pidfd_open");
  check(::syscall(SYS_setns, process.get(), CLONE_NEWUSER | CLONE_NEWNET), "setns");
}

bool is_in_first_user_namespace() {
  constexpr ino_t kFirst = 0xEFFFFFFD;  // PROC_USER_INIT_INO, the same in every kernel
  struct stat info {};
  return ::stat("/proc/self/ns/user", &info) == 0 && info.st_ino == kFirst;
}

}  // namespace mydocker::sys
