#include "cli/detached.hpp"

#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>

#include "helpers/names.hpp"
#include "helpers/numbers.hpp"
#include "helpers/text.hpp"
#include "mydocker/error.hpp"
#include "sys/check.hpp"
#include "sys/descriptors.hpp"
#include "sys/files.hpp"

namespace mydocker::cli {
namespace {

constexpr std::uint64_t kDefaultLog = 4U << 20, kMostLog = std::uint64_t{1} << 40;

// What it tells belongs in front of somebody who reads it.
void refuse_what_is_told(const Options& options) {
  const std::pair<bool, const char*> told[] = {
      {options.explain, "--explain"},
      {options.timings, "--timings"},
      {options.seccomp_log, "--seccomp-log"},
      {options.seccomp_learn.has_value(), "--seccomp-learn"}};
  for (const auto& [is_given, name] : told) {
    if (is_given)
      throw UsageError(std::string("-d: not with ") + name +
                       ", which is for a run in the foreground");
  }
}

struct Pipe {
  UniqueFd read, write;
};

Pipe make_pipe(int flags) {
  std::array<int, 2> ends{};
  sys::check(::pipe2(ends.data(), O_CLOEXEC | flags), "pipe2");
  return {UniqueFd(ends[0]), UniqueFd(ends[1])};
}

// What the caller has open is his, but for what the container is to inherit.
void close_all_but(std::vector<unsigned> kept) {
  std::sort(kept.begin(), kept.end());
  unsigned first = STDERR_FILENO + 1;
  for (const unsigned fd : kept) {
    if (fd > first) ::close_range(first, fd - 1, 0);
    first = fd + 1;
  }
  sys::close_from(first);
}

// Opened once more by a program inside, as /dev/stdout, a pipe asks who its owner is.
void give_to_user(int pipe, const ContainerSpec& spec) {
  const auto outside = [](std::uint32_t id, const std::vector<IdRange>& map) {
    for (const auto& range : map) {
      if (id >= range.inside && id - range.inside < range.count)
        return range.outside + (id - range.inside);
    }
    return id;
  };
  const User& user = spec.process.user;
  // Without root it is the user's already.
  (void)!::fchown(pipe, outside(user.uid, spec.uid_map), outside(user.gid, spec.gid_map));
}

UniqueFd copy_of(int fd) {
  return sys::check_fd(::fcntl(fd, F_DUPFD_CLOEXEC, STDERR_FILENO + 1), "fcntl");
}

void become(const UniqueFd& fd, int number) { sys::check(::dup2(fd.get(), number), "dup2"); }

constexpr std::string_view kReasons[] = {"exit", "signal", "oom", "timeout"};

}  // namespace

std::uint64_t log_size(const Options& options) {
  const DetachOptions& life = options.life;
  if (!life.detach) {
    if (life.remove_at_end)
      throw UsageError("--rm: it needs -d; in the foreground nothing is kept");
    if (life.log_size) throw UsageError("--log-size: it needs -d");
    return kDefaultLog;
  }
  if (!options.dry_run) refuse_what_is_told(options);
  if (!life.log_size) return kDefaultLog;
  const auto size = numbers::parse_size(*life.log_size);
  if (!size || size->count < life::kLeastLog || size->count > kMostLog)
    throw UsageError("--log-size " + text::quoted(*life.log_size) +
                     ": allowed are 64k to 1024g, bytes or with k, m, g");
  return size->count;
}

Detached::Detached(const Options& options, const ContainerSpec& spec, std::string records)
    : options_(options), spec_(spec), records_(std::move(records)) {}

Detached::~Detached() {
  if (runs_) return;
  if (kept_) kept_->remove();
  give_back_voice();
}

std::optional<int> Detached::fork() {
  Pipe word = make_pipe(0);
  const pid_t child = static_cast<pid_t>(sys::check(::fork(), "fork"));
  if (child == 0) {
    caller_ = std::move(word.write);
    std::vector<unsigned> kept = spec_.process.kept_descriptors;
    kept.push_back(static_cast<unsigned>(caller_.get()));
    word.read.reset();
    close_all_but(std::move(kept));
    ::setsid();
    return std::nullopt;
  }
  word.write.reset();
  runs_ = true;  // the rest is the child's
  char byte = 0;
  ssize_t got = 0;
  while ((got = ::read(word.read.get(), &byte, 1)) < 0 && errno == EINTR) continue;
  if (got == 1) {
    sys::write_all(STDOUT_FILENO, spec_.id + "\n");
    return 0;
  }
  int status = 0;
  while (::waitpid(child, &status, 0) < 0) {
    if (errno != EINTR) sys::fail(errno, "waitpid");
  }
  return WIFSIGNALED(status) ? exit_status::kSignalBase + WTERMSIG(status) : WEXITSTATUS(status);
}

void Detached::begin(std::string_view about) {
  kept_ = life::Kept::make(records_, spec_.id, about);
  log_ = std::make_unique<life::LogWriter>(kept_->fd(), log_size(options_));
  caller_voice_ = copy_of(STDERR_FILENO);
  voice_ = caller_voice_.get();
  const UniqueFd nothing = sys::check_fd(::open("/dev/null", O_RDWR | O_CLOEXEC), "open");
  Pipe out = make_pipe(0), error = make_pipe(0);
  for (const Pipe* const each : {&out, &error}) {
    give_to_user(each->write.get(), spec_);
    sys::check(::fcntl(each->read.get(), F_SETFL, O_RDONLY | O_NONBLOCK), "fcntl");
  }
  become(nothing, STDIN_FILENO);
  become(out.write, STDOUT_FILENO);
  become(error.write, STDERR_FILENO);
  out_ = std::move(out.read);
  error_ = std::move(error.read);
}

void Detached::give_back_voice() {
  if (!caller_voice_) return;
  ::dup2(caller_voice_.get(), STDERR_FILENO);
  voice_ = STDERR_FILENO;
  caller_voice_.reset();
}

void Detached::started() {
  if (!options_.life.remove_at_end) kept_->want();
  if (::write(caller_.get(), "s", 1) != 1)
    throw SetupError("cli", "tell that the container runs", errno,
                     "who started it is gone, and nobody knows of it");
  runs_ = true;
  caller_.reset();
  caller_voice_.reset();
  voice_ = STDERR_FILENO;
  (void)!::chdir("/");  // no folder of the caller's stays in use
}

void Detached::failed(const std::string& message) {
  if (!runs_) return;
  sys::write_all(STDERR_FILENO, message + "\n");
  ended({.status = exit_status::kFailure}, "error");
}

std::vector<Stream> Detached::streams() {
  using life::StreamName;
  return {{out_.get(), [this] { log_->take(StreamName::out, out_.get()); }},
          {error_.get(), [this] { log_->take(StreamName::error, error_.get()); }}};
}

void Detached::ended(const Outcome& outcome) {
  ended(outcome, kReasons[static_cast<std::size_t>(outcome.reason)]);
}

void Detached::ended(const Outcome& outcome, std::string_view reason) {
  log_->drain(life::StreamName::out, out_.get());
  log_->drain(life::StreamName::error, error_.get());
  kept_->write_end({outcome.status, std::string(reason),
                    outcome.signal != 0 ? names::signal(outcome.signal) : "", life::now()});
  if (options_.life.remove_at_end) kept_->remove();
}

}  // namespace mydocker::cli
