// logs: what a container of -d has written.
#include <fcntl.h>
#include <poll.h>
#include <sys/inotify.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <deque>
#include <functional>

#include "helpers/numbers.hpp"
#include "helpers/text.hpp"
#include "helpers/times.hpp"
#include "life/log.hpp"
#include "life/verbs.hpp"
#include "mydocker/error.hpp"
#include "sys/check.hpp"
#include "sys/files.hpp"

namespace mydocker::life {
namespace {

constexpr oci::Flag kFlags[] = {
    {"follow", 'f', false, "go on until it ends"},
    {"since", 0, true, "TIME: or a span, as 2026-11-26T07:48:45Z, or 10m for the last ten minutes"},
    {"tail", 'n', true, "NUMBER: of lines, the last ones (default all)"},
    {"timestamps", 't', false, "with the time of each line"}};

struct Wishes {
  bool follow = false, times = false;
  std::int64_t since = INT64_MIN;
  std::optional<std::uint64_t> tail;
};

std::int64_t since_of(const std::string& text) {
  if (const auto span = times::parse_span(text)) return now() - *span;
  const auto moment = times::parse(text);
  if (!moment)
    throw UsageError("--since " + text::quoted(text) +
                     ": allowed are times as 2026-11-26T07:48:45Z and spans as 10m, 1h30m");
  return *moment;
}

Wishes wishes_of(const oci::Arguments& arguments) {
  Wishes out{arguments.is_on("follow"), arguments.is_on("timestamps"), INT64_MIN, std::nullopt};
  if (const auto text = arguments.value("since")) out.since = since_of(*text);
  const std::string tail = arguments.value_or("tail", "all");
  if (tail == "all") return out;
  out.tail = numbers::parse(tail);
  if (!out.tail) throw UsageError("--tail " + text::quoted(tail) + ": allowed are numbers and all");
  return out;
}

UniqueFd open_log(int folder, const char* name) {
  return UniqueFd(::openat(folder, name, O_RDONLY | O_NOFOLLOW | O_CLOEXEC));
}

// Both files, the older one first; read to their present end by next(), again and again.
class LogReader {
 public:
  explicit LogReader(int folder) : folder_(folder) {
    // The present one twice: if it has become the older one meanwhile, nothing is missed.
    newer_ = open_log(folder, kLog);
    current_ = open_log(folder, kOlderLog);
    if (!current_ || is_same(current_, newer_)) current_ = std::move(newer_);
  }

  // The next line that is whole, or nothing while there is none.
  bool next(const std::function<void(std::string_view)>& take) {
    while (current_) {
      const auto end = buffer_.find('\n', at_);
      if (end != std::string::npos) {
        take(std::string_view(buffer_).substr(at_, end - at_));
        at_ = end + 1;
        return true;
      }
      if (!fill() && !turn_over()) return false;
    }
    return false;
  }

 private:
  static bool is_same(const UniqueFd& one, const UniqueFd& two) {
    struct stat a {
    }, b{};
    return ::fstat(one.get(), &a) == 0 && ::fstat(two.get(), &b) == 0 && a.st_ino == b.st_ino;
  }

  bool fill() {
    std::array<char, 65536> buffer;
    const auto got = ::read(current_.get(), buffer.data(), buffer.size());
    if (got <= 0) return false;
    buffer_.erase(0, at_);
    at_ = 0;
    buffer_.append(buffer.data(), static_cast<std::size_t>(got));
    return true;
  }

  // At the end of one file: on to the one that has taken its place.
  bool turn_over() {
    if (!newer_) newer_ = open_log(folder_, kLog);
    if (!newer_ || is_same(current_, newer_)) {
      newer_.reset();
      return false;
    }
    if (fill()) return true;  // written between the last look and the turn
    current_ = std::move(newer_);
    buffer_.clear();
    at_ = 0;
    return true;
  }

  int folder_;
  UniqueFd current_, newer_;
  std::string buffer_;
  std::size_t at_ = 0;
};

class Printer {
 public:
  explicit Printer(const Wishes& wishes) : wishes_(wishes) {}

  void take(std::string_view text) {
    const auto line = parse_log_line(text);
    if (!line || line->time < wishes_.since) return;
    // The rest of a line that was begun has no time of its own.
    bool& is_begun = begun_[static_cast<std::size_t>(line->stream)];
    std::string out = wishes_.times && !is_begun ? times::text(line->time) + " " : "";
    out += line->text;
    if (line->is_full) out += '\n';
    std::uint64_t& number = numbers_[static_cast<std::size_t>(line->stream)];
    if (!is_begun) number = ++lines_;
    is_begun = !line->is_full;
    const int fd = line->stream == StreamName::out ? STDOUT_FILENO : STDERR_FILENO;
    if (!wishes_.tail || is_following_)
      sys::write_all(fd, out);
    else
      hold(fd, std::move(out), number);
  }

  // All that was there has been seen.
  void follow() {
    for (const auto& piece : last_) {
      if (is_wanted(piece.line)) sys::write_all(piece.fd, piece.text);
    }
    last_.clear();
    is_following_ = true;
  }

 private:
  struct Piece {
    int fd;
    std::string text;
    std::uint64_t line;
  };

  // Whether the line of this number is one of the last.
  [[nodiscard]] bool is_wanted(std::uint64_t line) const { return line + *wishes_.tail > lines_; }

  void hold(int fd, std::string text, std::uint64_t line) {
    last_.push_back({fd, std::move(text), line});
    while (!last_.empty() && !is_wanted(last_.front().line)) last_.pop_front();
  }

  const Wishes& wishes_;
  std::array<bool, 2> begun_{};
  std::array<std::uint64_t, 2> numbers_{};  // of the line that each stream is in
  std::deque<Piece> last_;
  std::uint64_t lines_ = 0;
  bool is_following_ = false;
};

// Until something in the folder changes, or a short time: a supervisor that is killed changes nothing.
void await_change(int watch) {
  constexpr int kMilliseconds = 500;
  pollfd change{watch, POLLIN, 0};
  if (::poll(&change, 1, kMilliseconds) > 0) {
    std::array<char, 4096> events;
    (void)!::read(watch, events.data(), events.size());
  }
}

int logs(const Call& call) {
  const Wishes wishes = wishes_of(call.arguments);
  const std::string& id = call.ids().front();
  const Container container = find(call.places, id);
  if (!container.kept)
    throw UsageError("logs " + text::quoted(id) +
                     ": what it writes is not kept here, but goes to who started it: -d keeps it");
  const UniqueFd watch(::inotify_init1(IN_CLOEXEC | IN_NONBLOCK));
  if (wishes.follow)
    ::inotify_add_watch(watch.get(), container.kept->path().c_str(),
                        IN_MODIFY | IN_CREATE | IN_MOVE);
  LogReader reader(container.kept->fd());
  Printer printer(wishes);
  for (;;) {
    const bool has_ended = !wishes.follow || container.kept->end();
    while (reader.next([&](std::string_view line) { printer.take(line); })) continue;
    printer.follow();
    if (has_ended) return 0;
    await_change(watch.get());
  }
}

}  // namespace

const Verb logs_verb{
    "logs", "Prints what a container of -d has written.", kFlags, oci::Rest::flags_too, 1, 1, "ID",
    logs};

}  // namespace mydocker::life
