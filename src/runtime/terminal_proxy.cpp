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

#include "sys/terminal.hpp"

namespace mydocker {
namespace {

constexpr std::size_t kChunk = 4096;  // a pipe that has room for anything has room for this
constexpr std::size_t kMostPending = 65536;

bool is_terminal(int fd) { return ::isatty(fd) == 1; }

// With a terminal as standard input the container's other streams may go elsewhere by themselves,
// and the pty's output belongs on that terminal. Without one (--tty) it is the standard output.
int output_descriptor() {
  if (!is_terminal(STDIN_FILENO)) return STDOUT_FILENO;
  for (const int fd : {STDOUT_FILENO, STDERR_FILENO}) {
    if (is_terminal(fd)) return fd;
  }
  return STDIN_FILENO;
}

// A terminal is opened anew, since O_NONBLOCK on the caller's descriptor would be the shell's too.
UniqueFd open_output() {
  const int fd = output_descriptor();
  const std::string self = "/proc/self/fd/" + std::to_string(fd);
  constexpr int kFlags = O_WRONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC;
  UniqueFd out(is_terminal(fd) ? ::open(self.c_str(), kFlags) : -1);
  return out ? std::move(out) : UniqueFd(::fcntl(fd, F_DUPFD_CLOEXEC, STDERR_FILENO + 1));
}

bool is_foreground() {
  const pid_t group = ::tcgetpgrp(STDIN_FILENO);
  return group < 0 || group == ::getpgrp();
}

void set_if_there(const termios& settings) {
  try {
    sys::set_settings(STDIN_FILENO, settings);
  } catch (const std::system_error&) {
    // The terminal has gone away; there is nothing to set.
  }
}

// Writes what `fd` takes. What it will never take is thrown away: the container must not hang.
void write_some(int fd, std::string& bytes) {
  const auto put = ::write(fd, bytes.data(), bytes.size());
  if (put > 0)
    bytes.erase(0, static_cast<std::size_t>(put));
  else if (put < 0 && errno != EAGAIN && errno != EINTR)
    bytes.clear();
}

}  // namespace

TerminalProxy::TerminalProxy(UniqueFd master, pid_t pid, bool is_typed_at)
    : master_(std::move(master)), output_(open_output()), pid_(pid), input_open_(is_typed_at) {
  ::fcntl(master_.get(), F_SETFL, O_RDWR | O_NONBLOCK);
  slave_.reset(::ioctl(master_.get(), TIOCGPTPEER, O_RDWR | O_NOCTTY | O_CLOEXEC));
  enter();
}

TerminalProxy::~TerminalProxy() { leave(); }

void TerminalProxy::enter() {
  // In the background reading would stop or fail, and the settings belong to somebody else.
  in_foreground_ = !is_terminal(STDIN_FILENO) || is_foreground();
  if (!in_foreground_) return;
  if (!before_) before_ = sys::settings_of(STDIN_FILENO);
  if (!before_) return;
  // Even if it was done before: after a SIGSTOP the shell has set its own.
  set_if_there(sys::raw(*before_));
  resize();
}

void TerminalProxy::leave() {
  if (before_ && is_foreground()) set_if_there(*before_);
  before_.reset();
}

void TerminalProxy::look() {
  // A shell that brings a running job to the foreground sends no signal.
  if (!in_foreground_) enter();
  // A pipe's end stays its end, for every reader; a terminal's is read once.
  if (input_ended_ && pending_.empty()) type_end();
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

void TerminalProxy::watch(pollfd& master, pollfd& input, pollfd& output) const {
  if (master_open_) {
    master = {master_.get(), 0, 0};
    if (shown_.empty()) master.events |= POLLIN;
    if (!pending_.empty()) master.events |= POLLOUT;
  }
  const bool wants_input = input_open_ && in_foreground_ && pending_.size() < kMostPending;
  if (wants_input) input = {STDIN_FILENO, POLLIN, 0};
  if (!shown_.empty()) output = {output_.get(), POLLOUT, 0};
}

void TerminalProxy::serve(const pollfd& master, const pollfd& input, const pollfd& output) {
  if (input.revents != 0) read_input();
  if (!pending_.empty()) write_some(master_.get(), pending_);
  if (output.revents != 0) write_some(output_.get(), shown_);
  if ((master.revents & (POLLIN | POLLHUP | POLLERR)) != 0 && shown_.empty()) read_master();
}

void TerminalProxy::read_input() {
  std::array<char, kChunk> buffer;
  const auto got = ::read(STDIN_FILENO, buffer.data(), buffer.size());
  if (got > 0) {
    const std::string_view bytes(buffer.data(), static_cast<std::size_t>(got));
    pending_ += bytes;
    in_line_ = bytes.back() != '\n';
    note_typed(bytes);
  } else if (got < 0 && errno == EIO && !is_foreground()) {
    in_foreground_ = false;
  } else if (got == 0 || (errno != EINTR && errno != EAGAIN)) {
    input_open_ = false;
    input_ended_ = true;
    if (in_line_) type_end();
    type_end();
  }
}

// What a terminal says for the end of a pipe (--tty): the first one ends an open line only.
void TerminalProxy::type_end() {
  const auto settings = sys::settings_of(master_.get());
  if (settings) pending_ += static_cast<char>(settings->c_cc[VEOF]);
}

// The line discipline sends these signals inside, where PID 1 loses what it does not handle.
// Whether they were meant for PID 1 is seen from its process group being in the foreground of its
// own terminal.
void TerminalProxy::note_typed(std::string_view bytes) {
  const auto settings = sys::settings_of(master_.get());
  if (!settings || (settings->c_lflag & ISIG) == 0 || ::tcgetpgrp(master_.get()) != pid_) return;
  const auto has = [&](int which) {
    const cc_t key = settings->c_cc[which];
    return key != _POSIX_VDISABLE && bytes.find(static_cast<char>(key)) != std::string_view::npos;
  };
  if (has(VINTR))
    typed_ = SIGINT;
  else if (has(VQUIT))
    typed_ = SIGQUIT;
}

int TerminalProxy::typed_signal() { return std::exchange(typed_, 0); }

void TerminalProxy::read_master() {
  std::array<char, kChunk> buffer;
  const auto got = ::read(master_.get(), buffer.data(), buffer.size());
  if (got > 0)
    shown_.assign(buffer.data(), static_cast<std::size_t>(got));
  else if (got == 0 || (errno != EAGAIN && errno != EINTR))
    master_open_ = false;
}

bool TerminalProxy::is_drained() {
  if (master_open_ && shown_.empty()) read_master();
  return shown_.empty();
}

}  // namespace mydocker
