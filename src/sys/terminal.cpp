#include "sys/terminal.hpp"

#include <fcntl.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "sys/check.hpp"

namespace mydocker::sys {

Pty open_pty() {
  Pty out;
  constexpr int kFlags = O_RDWR | O_NOCTTY | O_CLOEXEC;
  out.master = check_fd(::open("/dev/pts/ptmx", kFlags), "open");
  int locked = 0;
  check(::ioctl(out.master.get(), TIOCSPTLCK, &locked), "ioctl(TIOCSPTLCK)");
  // By the master's descriptor, not by a name that could be something else by now.
  out.slave = check_fd(::ioctl(out.master.get(), TIOCGPTPEER, kFlags), "ioctl(TIOCGPTPEER)");
  return out;
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
