// Rows of the terminal. No character is ever typed: the pointer to it is none, which the kernel
// sees only when it would have taken the character.
#include <fcntl.h>
#include <linux/stat.h>
#include <sys/ioctl.h>
#include <sys/stat.h>

#include <cerrno>

#include "verify/attempts.hpp"
#include "verify/kernel.hpp"

namespace mydocker::verify {
namespace {

bool stat_of(long fd, const char* path, struct statx& to) {
  return call(__NR_statx, fd, address(path), *path == '\0' ? AT_EMPTY_PATH : 0, STATX_BASIC_STATS,
              address(&to)) == 0;
}

// A terminal that is not in the container's own devpts is somebody else's.
bool is_own(long fd) {
  struct statx ours = {}, theirs = {};
  if (!stat_of(AT_FDCWD, "/dev/pts/ptmx", ours) || !stat_of(fd, "", theirs)) return false;
  return ours.stx_dev_major == theirs.stx_dev_major && ours.stx_dev_minor == theirs.stx_dev_minor;
}

bool is_terminal(long fd) {
  int group = 0;
  return call(__NR_ioctl, fd, TIOCGPGRP, address(&group)) != -ENOTTY &&
         call(__NR_fcntl, fd, F_GETFD) >= 0;
}

// The request, asked of a new terminal that is this process's controlling one: -errno.
long ask_new_terminal(long request) {
  call(__NR_setsid);
  const long master = open_file("/dev/ptmx", O_RDWR);
  if (master < 0) return master;
  int unlock = 0;
  call(__NR_ioctl, master, TIOCSPTLCK, address(&unlock));
  const long slave = call(__NR_ioctl, master, TIOCGPTPEER, O_RDWR);
  if (slave < 0) return -EAGAIN;
  return call(__NR_ioctl, slave, request, 0);
}

Answer judged(long answer) {
  if (answer == -EAGAIN || answer == -ENOENT) return untried("no terminal could be made");
  if (is_refusal(answer) || answer == -EIO) return blocked(error_name(answer));
  return open(answer < 0 ? error_name(answer) : "done");
}

}  // namespace

Answer try_given_terminal(const Row&) {
  constexpr long kStandard = 3;
  long tty = open_file("/dev/tty", O_RDWR);
  bool any = false;
  for (long fd = 0; fd <= kStandard; ++fd) {
    const long terminal = fd < kStandard ? fd : tty;
    if (terminal < 0 || !is_terminal(terminal)) continue;
    any = true;
    // /dev/tty is no file of any devpts: it is the terminal of our session, and 0 is a session
    // outside.
    const bool is_ours = fd < kStandard ? is_own(terminal) : call(__NR_getsid, 0) != 0;
    const long answer = call(__NR_ioctl, terminal, TIOCSTI, 0);
    if (!is_ours && !is_refusal(answer) && answer != -EIO)
      return open("a terminal of the host takes characters");
  }
  return blocked(any ? "the terminal is the container's own" : "there is no terminal");
}

Answer try_tiocsti(const Row&) { return judged(ask_new_terminal(TIOCSTI)); }

Answer try_tioclinux(const Row&) { return judged(ask_new_terminal(TIOCLINUX)); }

Answer try_wide_tiocsti(const Row&) { return judged(ask_new_terminal((1L << 32) | TIOCSTI)); }

}  // namespace mydocker::verify
