#include "life/log.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <ctime>
#include <system_error>

#include "helpers/text.hpp"
#include "helpers/times.hpp"
#include "sys/check.hpp"
#include "sys/files.hpp"

namespace mydocker::life {
namespace {

constexpr std::string_view kOut = "stdout", kError = "stderr";
constexpr std::size_t kChunk = 16384;
// What stands in front of a text, and behind it; each byte that is read may be a line.
constexpr std::size_t kMostPerByte = 48;

std::int64_t now() {
  timespec time{};
  ::clock_gettime(CLOCK_REALTIME, &time);
  return time.tv_sec * times::kSecond + time.tv_nsec;
}

// Takes the word in front of a blank off.
std::string_view take_word(std::string_view& text) {
  const auto blank = text.find(' ');
  const std::string_view word = text.substr(0, blank);
  text.remove_prefix(blank == std::string_view::npos ? text.size() : blank + 1);
  return word;
}

}  // namespace

std::string log_lines(std::int64_t time, StreamName stream, std::string_view bytes) {
  std::string front = times::text(time) + " ";
  front += stream == StreamName::out ? kOut : kError;
  std::string out;
  while (!bytes.empty()) {
    const auto end = bytes.find('\n');
    const bool is_full = end != std::string_view::npos;
    out.append(front).append(is_full ? " F " : " P ").append(bytes.substr(0, end)).append("\n");
    bytes.remove_prefix(is_full ? end + 1 : bytes.size());
  }
  return out;
}

std::optional<LogLine> parse_log_line(std::string_view line) {
  const auto time = times::parse(take_word(line));
  const std::string_view stream = take_word(line), tag = take_word(line);
  if (!time || (stream != kOut && stream != kError) || (tag != "F" && tag != "P"))
    return std::nullopt;
  return LogLine{*time, stream == kOut ? StreamName::out : StreamName::error, tag == "F", line};
}

LogWriter::LogWriter(int folder, std::uint64_t limit) : folder_(folder), limit_(limit) { open(); }

void LogWriter::open() {
  file_ = sys::check_fd(
      ::openat(folder_, kLog, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, 0600),
      "openat");
  size_ = 0;
}

void LogWriter::take(StreamName stream, int fd) {
  constexpr int kTurn = 8;
  for (int i = 0; i < kTurn && take_once(stream, fd); ++i) continue;
}

void LogWriter::drain(StreamName stream, int fd) {
  while (take_once(stream, fd)) continue;
}

bool LogWriter::take_once(StreamName stream, int fd) {
  std::array<char, kChunk> buffer;
  const auto got =
      ::read(fd, buffer.data(), std::min<std::uint64_t>(kChunk, limit_ / 2 / kMostPerByte));
  if (got <= 0) return got < 0 && errno == EINTR;
  append(log_lines(now(), stream, {buffer.data(), static_cast<std::size_t>(got)}));
  return true;
}

void LogWriter::append(std::string_view lines) {
  try {
    if (size_ > 0 && size_ + lines.size() > limit_ / 2) {
      sys::check(::renameat(folder_, kLog, folder_, kOlderLog), "renameat");
      open();
    }
    size_ += lines.size();
    sys::write_all(file_.get(), lines);
  } catch (const std::system_error&) {
    // The disk is full, say.
  }
}

}  // namespace mydocker::life
