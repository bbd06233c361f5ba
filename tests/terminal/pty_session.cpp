#include "terminal/pty_session.hpp"

#include <fcntl.h>
#include <poll.h>
#include <sys/ioctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <ctime>

#include "sys/files.hpp"

namespace mydocker::test {
namespace {

using Clock = std::chrono::steady_clock;
constexpr Limit kPause(5);
constexpr Limit kBetweenKeys(200);

[[noreturn]] void become(const std::vector<std::string>& command, int slave, Streams streams) {
  ::setsid();
  ::ioctl(slave, TIOCSCTTY, 0);
  const std::array<int, 3> wanted{streams.in, streams.out, streams.err};
  for (int fd = 0; fd < 3; ++fd) {
    const int from = wanted[static_cast<std::size_t>(fd)];
    ::dup2(from == kTerminal ? slave : from, fd);
  }
  std::vector<char*> argv;
  for (const auto& word : command) argv.push_back(const_cast<char*>(word.c_str()));
  argv.push_back(nullptr);
  ::execvp(argv[0], argv.data());
  ::_exit(127);
}

}  // namespace

PtySession::PtySession(const std::vector<std::string>& command, Window window, Streams streams)
    : master_(::posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC)) {
  int locked = 0;
  if (!master_ || ::ioctl(master_.get(), TIOCSPTLCK, &locked) < 0) std::abort();
  ::fcntl(master_.get(), F_SETFL, O_RDWR | O_NONBLOCK);
  slave_.reset(::ioctl(master_.get(), TIOCGPTPEER, O_RDWR | O_NOCTTY | O_CLOEXEC));
  resize(window);
  pid_ = ::fork();
  if (pid_ == 0) become(command, slave_.get(), streams);
}

PtySession::~PtySession() {
  hang_up();
  if (ended_) return;
  ::kill(pid_, SIGKILL);
  ::waitpid(pid_, nullptr, 0);
}

void PtySession::signal(int number) const { ::kill(pid_, number); }

void PtySession::type(std::string_view bytes) {
  const auto end = Clock::now() + kLimit;
  while (!bytes.empty() && Clock::now() < end) {
    const auto put = ::write(master_.get(), bytes.data(), bytes.size());
    if (put > 0) bytes.remove_prefix(static_cast<std::size_t>(put));
    if (!bytes.empty()) read_screen(kPause);
  }
  EXPECT_TRUE(bytes.empty()) << bytes.size() << " bytes were not taken";
}

void PtySession::read_screen(Limit time) {
  pollfd watched{master_.get(), POLLIN, 0};
  ::poll(&watched, 1, static_cast<int>(time.count()));
  std::array<char, 4096> buffer;
  for (;;) {
    const auto got = ::read(master_.get(), buffer.data(), buffer.size());
    if (got <= 0) return;
    screen_.append(buffer.data(), static_cast<std::size_t>(got));
  }
}

bool PtySession::until(const std::function<bool()>& holds, Limit limit) {
  const auto end = Clock::now() + limit;
  while (!holds()) {
    if (Clock::now() > end) return false;
    read_screen(kPause);
  }
  return true;
}

void PtySession::rest(Limit time) {
  (void)until([] { return false; }, time);
}

bool PtySession::sees(std::string_view text, Limit limit) {
  std::size_t at = std::string::npos;
  const bool found =
      until([&] { return (at = screen_.find(text, seen_)) != std::string::npos; }, limit);
  if (found) seen_ = at + text.size();
  return found;
}

bool PtySession::sees_after(std::string_view keys, std::string_view text) {
  const auto end = Clock::now() + kLimit;
  while (Clock::now() < end) {
    type(keys);
    if (sees(text, kBetweenKeys)) return true;
  }
  return false;
}

std::string PtySession::answer(const std::string& command) {
  const std::string number = std::to_string(++answers_);
  // The echo of the line holds these marks in pieces, the output whole.
  type("was=$?; echo beg''in-" + number + "; " + command + "; echo en''d-" + number + "\r");
  if (!sees("begin-" + number + "\r\n")) return "(no answer: " + screen_ + ")";
  const std::size_t from = seen_;
  const std::string mark = "end-" + number + "\r\n";
  if (!sees(mark)) return "(no end: " + screen_ + ")";
  std::string text = screen_.substr(from, seen_ - mark.size() - from);
  EXPECT_TRUE(sees(kPrompt)) << screen_;
  std::erase(text, '\r');
  if (text.ends_with('\n')) text.pop_back();
  return text;
}

void PtySession::resize(Window window) {
  winsize size{};
  size.ws_row = window.rows;
  size.ws_col = window.columns;
  ::ioctl(master_.get(), TIOCSWINSZ, &size);
}

termios PtySession::settings() const {
  termios out{};
  ::tcgetattr(slave_.get(), &out);
  return out;
}

void PtySession::set_settings(const termios& settings) {
  ::tcsetattr(slave_.get(), TCSANOW, &settings);
}

int PtySession::unread() {
  const termios before = settings();
  termios raw = before;
  ::cfmakeraw(&raw);  // else only whole lines count
  set_settings(raw);
  int count = -1;
  ::ioctl(slave_.get(), FIONREAD, &count);
  set_settings(before);
  return count;
}

void PtySession::hang_up() {
  slave_.reset();
  master_.reset();
}

void PtySession::take_status(int options) {
  int status = 0;
  if (ended_ || ::waitpid(pid_, &status, WNOHANG | options) != pid_) return;
  if (WIFSTOPPED(status)) {
    stopped_ = true;
    return;
  }
  ended_ = true;
  status_ = WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
}

bool PtySession::has_ended() {
  take_status(0);
  return ended_;
}

bool PtySession::was_stopped() {
  take_status(WUNTRACED);
  return std::exchange(stopped_, false);
}

int PtySession::status(Limit limit) {
  const bool in_time = until([&] { return has_ended(); }, limit);
  read_screen(Limit(0));
  EXPECT_TRUE(in_time) << "still running; the screen:\n" << screen_;
  return in_time ? status_ : -1;
}

std::vector<std::string> mydocker_command(std::vector<std::string> words) {
  words.insert(words.begin(), binary());
  return words;
}

std::vector<std::string> shell_command(std::vector<std::string> options) {
  for (const char* const word :
       {"--env", "TERM=dumb", "--env", kSetPrompt, "/bin/bash", "--norc", "--noprofile"}) {
    options.emplace_back(word);
  }
  return mydocker_command(std::move(options));
}

bool are_same(const termios& a, const termios& b) {
  return a.c_iflag == b.c_iflag && a.c_oflag == b.c_oflag && a.c_cflag == b.c_cflag &&
         a.c_lflag == b.c_lflag && std::equal(std::begin(a.c_cc), std::end(a.c_cc), b.c_cc);
}

std::chrono::nanoseconds processor_time(pid_t pid) {
  clockid_t clock{};
  timespec time{};
  if (::clock_getcpuclockid(pid, &clock) != 0 || ::clock_gettime(clock, &time) != 0)
    ADD_FAILURE() << "no process " << pid;
  return std::chrono::seconds(time.tv_sec) + std::chrono::nanoseconds(time.tv_nsec);
}

pid_t child_of(pid_t pid) {
  const std::string id = std::to_string(pid);
  const auto list = sys::try_read_file("/proc/" + id + "/task/" + id + "/children");
  return list ? static_cast<pid_t>(std::strtol(list->c_str(), nullptr, 10)) : 0;
}

std::string name_of(pid_t pid) {
  auto name = sys::try_read_file("/proc/" + std::to_string(pid) + "/comm").value_or("");
  if (name.ends_with('\n')) name.pop_back();
  return name;
}

bool runs_below(pid_t pid, std::string_view name) {
  pid_t last = pid;
  for (pid_t next = child_of(pid); next != 0; next = child_of(next)) last = next;
  const auto status = sys::try_read_file("/proc/" + std::to_string(last) + "/status").value_or("");
  return last != pid && name_of(last) == name && status.find("State:\tT") == std::string::npos;
}

}  // namespace mydocker::test
