#include "sys/terminal.hpp"

#include <fcntl.h>
#include <linux/magic.h>
#include <sys/ioctl.h>
#include <sys/vfs.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <string_view>

#include "sys/check.hpp"
#include "sys/files.hpp"

namespace mydocker::sys {

Pty open_pty() {
  Pty out;
  constexpr int kFlags = O_RDWR | O_NOCTTY | O_CLOEXEC;
  // A root without a /dev of its own mounted may have links, files and devices of any kind there.
  out.master = open_without_links("/dev/pts/ptmx", kFlags);
  struct statfs type {};
  check(::fstatfs(out.master.get(), &type), "fstatfs");
  if (type.f_type != DEVPTS_SUPER_MAGIC) fail(ENOTTY, "fstatfs");
  int locked = 0;
  check(::ioctl(out.master.get(), TIOCSPTLCK, &locked), "ioctl(TIOCSPTLCK)");
  // By the master's descriptor, not by a name that could be something else by now.
  out.slave = check_fd(::ioctl(out.master.get(), TIOCGPTPEER, kFlags), "ioctl(TIOCGPTPEER)");
  return out;
}

bool takes_colours(int fd) {
  const auto variable = [](const char* name) {
    const char* const value = std::getenv(name);
    return std::string_view(value == nullptr ? "" : value);
  };
  const std::string_view kind = variable("TERM");
  return ::isatty(fd) == 1 && variable("NO_COLOR").empty() && !kind.empty() && kind != "dumb";
}

void set_size(int terminal, Size size) {
  winsize window{};
  window.ws_row = size.rows;
  window.ws_col = size.columns;
  check(::ioctl(terminal, TIOCSWINSZ, &window), "ioctl(TIOCSWINSZ)");
}

std::optional<Size> size_of(int terminal) {
  winsize window{};
  if (::ioctl(terminal, TIOCGWINSZ, &window) < 0) return std::nullopt;
  return Size{window.ws_row, window.ws_col};
}

void control(int slave) {
  check(::setsid(), "setsid");
  check(::ioctl(slave, TIOCSCTTY, 0), "ioctl(TIOCSCTTY)");
}

std::optional<termios> settings_of(int terminal) {
  termios settings{};
  if (::tcgetattr(terminal, &settings) < 0) return std::nullopt;
  return settings;
}

void set_settings(int terminal, const termios& settings) {
  // TCSADRAIN, not TCSAFLUSH: what was typed ahead is not thrown away.
  check(::tcsetattr(terminal, TCSADRAIN, &settings), "tcsetattr");
}

termios raw(termios settings) {
  ::cfmakeraw(&settings);
  return settings;
}

}  // namespace mydocker::sys
