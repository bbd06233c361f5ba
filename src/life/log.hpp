// The log of a container that runs without a terminal: a line each of what it wrote, with the time.
//
//   2026-11-26T07:48:45.012345678Z stdout F the text
//
// F is a full line; P a part of one, whose rest follows. The form is that of the Container Runtime
// Interface, which log collectors read.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "mydocker/unique_fd.hpp"

namespace mydocker::life {

inline constexpr const char *kLog = "log", *kOlderLog = "log.1";
inline constexpr std::uint64_t kLeastLog = 65536;

enum class StreamName { out, error };

struct LogLine {
  std::int64_t time = 0;  // nanoseconds since 1970
  StreamName stream = StreamName::out;
  bool is_full = true;
  std::string_view text;
};

// What `bytes` are in the log, a line each. Pure.
[[nodiscard]] std::string log_lines(std::int64_t time, StreamName stream, std::string_view bytes);

// One line, without its newline; nothing if it is none. Pure.
[[nodiscard]] std::optional<LogLine> parse_log_line(std::string_view line);

class LogWriter {
 public:
  // In the open folder; both files together hold at most `limit` bytes, kLeastLog or more. Throws
  // std::system_error.
  LogWriter(int folder, std::uint64_t limit);

  // Takes what can be read from `fd` now, at most so much that others have their turn. What the disk
  // does not take is lost: the container does not hang for that.
  void take(StreamName stream, int fd);
  // The same until nothing is there.
  void drain(StreamName stream, int fd);

 private:
  void append(std::string_view lines);
  bool take_once(StreamName stream, int fd);
  void open();

  int folder_;
  std::uint64_t limit_, size_ = 0;
  UniqueFd file_;
};

}  // namespace mydocker::life
