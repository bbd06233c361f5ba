#include "runtime/terminal_proxy.hpp"

#include <fcntl.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <csignal>
#include <string_view>
#include <system_error>
#include <utility>

#include "sys/files.hpp"
#include "sys/terminal.hpp"

namespace mydocker {
namespace {

constexpr std::size_t kChunk = 4096;
constexpr std::size_t kMostPending = 65536;

// The first of the caller's descriptors for output that is a terminal; without any, standard output (--tty).
int output_descriptor() {
  for (const int fd : {STDOUT_FILENO, STDERR_FILENO, STDIN_FILENO}) {
    if (::isatty(fd) == 1) return fd;
  }
  return STDOUT_FILENO;
}

bool is_foreground() {
  const pid_t group = ::tcgetpgrp(STDIN_FILENO);
  return group < 0 || group == ::getpgrp();
}

}  // namespace

TerminalProxy::TerminalProxy(UniqueFd master, pid_t pid)
    : master_(std::move(master)), pid_(pid), output_(output_descriptor()) {
  ::fcntl(master_.get(), F_SETFL, O_RDWR | O_NONBLOCK);
  slave_.reset(::ioctl(master_.get(), TIOCGPTPEER, O_RDWR | O_NOCTTY | O_CLOEXEC));
  enter();
}

TerminalProxy::~TerminalProxy() { leave(); }

void TerminalProxy::enter() {
  in_foreground_ = ::isatty(STDIN_FILENO) != 1 || is_foreground();
  if (!in_foreground_ || before_) return;  // in the background reading would stop or fail: wait for SIGCONT
  const auto settings = sys::settings_of(STDIN_FILENO);
  if (!settings) return;                   // not a terminal: --tty with a pipe
  before_ = settings;
  sys::set_settings(STDIN_FILENO, sys::raw(*settings));
  resize();
}

void TerminalProxy::leave() {
  if (!before_) return;
  try {
    sys::set_settings(STDIN_FILENO, *before_);
  } catch (const std::system_error&) {
    // The terminal has gone away; there is nothing to restore.
  }
  before_.reset();
}

void TerminalProxy::resize() {
  if (const auto size = sys::size_of(STDIN_FILENO)) {
    try {
      sys::set_size(master_.get(), *size);
    } catch (const std::system_error&) {
      // The container has ended meanwhile.
    }
  }
}

void TerminalProxy::watch(pollfd& master, pollfd& input) const {
  if (master_open_) {
    master = {master_.get(), POLLIN, 0};
    if (!pending_.empty()) master.events |= POLLOUT;
  }
  if (input_open_ && in_foreground_ && pending_.size() < kMostPending) input = {STDIN_FILENO, POLLIN, 0};
}

void TerminalProxy::serve(const pollfd& master, const pollfd& input) {
  if (input.fd >= 0 && input.revents != 0) read_input();
  if (!pending_.empty()) {
    const auto put = ::write(master_.get(), pending_.data(), pending_.size());
    if (put > 0) pending_.erase(0, static_cast<std::size_t>(put));
    else if (put < 0 && errno != EAGAIN && errno != EINTR) pending_.clear();
  }
  if (master.fd >= 0 && (master.revents & (POLLIN | POLLHUP | POLLERR)) != 0) read_master();
}

void TerminalProxy::read_input() {
  std::array<char, kChunk> buffer;
  const auto got = ::read(STDIN_FILENO, buffer.data(), buffer.size());
  if (got > 0) {
    const std::string_view bytes(buffer.data(), static_cast<std::size_t>(got));
    pending_ += bytes;
    note_typed(bytes);
  } else if (got == 0 || (errno != EINTR && errno != EAGAIN)) {
    input_open_ = false;
    // The end of a pipe (--tty): what a terminal says for that is its end-of-file character.
    if (const auto settings = sys::settings_of(master_.get())) pending_ += static_cast<char>(settings->c_cc[VEOF]);
  }
}

// The line discipline sends these signals inside, where PID 1 loses what it does not handle. Whether they were
// meant for PID 1 is seen from its process group being in the foreground of its own terminal.
void TerminalProxy::note_typed(std::string_view bytes) {
  const auto settings = sys::settings_of(master_.get());
  if (!settings || (settings->c_lflag & ISIG) == 0 || ::tcgetpgrp(master_.get()) != pid_) return;
  const auto has = [&](int which) {
    const cc_t key = settings->c_cc[which];
    return key != _POSIX_VDISABLE && bytes.find(static_cast<char>(key)) != std::string_view::npos;
  };
  if (has(VINTR)) typed_ = SIGINT;
  else if (has(VQUIT)) typed_ = SIGQUIT;
}

int TerminalProxy::typed_signal() { return std::exchange(typed_, 0); }

bool TerminalProxy::read_master() {
  std::array<char, kChunk> buffer;
  const auto got = ::read(master_.get(), buffer.data(), buffer.size());
  if (got > 0) {
    try {
      sys::write_all(output_, {buffer.data(), static_cast<std::size_t>(got)});
    } catch (const std::system_error&) {
      // Nobody reads any more; the container must not hang for that.
    }
    return true;
  }
  // EIO: the container has ended, and with it the session of this terminal.
  if (got == 0 || (errno != EAGAIN && errno != EINTR)) master_open_ = false;
  return false;
}

void TerminalProxy::drain() {
  while (master_open_ && read_master()) {
  }
}

}  // namespace mydocker
