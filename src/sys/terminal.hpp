// Terminals: a new pair in the container, the user's one outside. See pty(7), ioctl_tty(2).
#pragma once

#include <termios.h>

#include <optional>

#include "mydocker/unique_fd.hpp"

namespace mydocker::sys {

struct Size {
  unsigned short rows = 24, columns = 80;
};

struct Pty {
  UniqueFd master, slave;
};

// A new pair from the devpts at /dev/pts of this process's root, unlocked. Throws
// std::system_error.
[[nodiscard]] Pty open_pty();

// Whether colours may be written to it: a terminal that knows them, and no NO_COLOR in the environment.
[[nodiscard]] bool takes_colours(int fd);

void set_size(int terminal, Size size);
[[nodiscard]] std::optional<Size> size_of(int terminal);

// Makes `slave` the controlling terminal of a new session. See setsid(2), TIOCSCTTY.
void control(int slave);

[[nodiscard]] std::optional<termios> settings_of(int terminal);
void set_settings(int terminal, const termios& settings);

// `settings` with every byte passed through as it is. See cfmakeraw(3).
[[nodiscard]] termios raw(termios settings);

}  // namespace mydocker::sys
