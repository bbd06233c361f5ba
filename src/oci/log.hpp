// What an engine is told when a verb fails: standard error, and the file of --log.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace mydocker::oci {

class Log {
 public:
  // Nothing is opened before there is something to say.
  Log(std::optional<std::string> file, bool json) : file_(std::move(file)), json_(json) {}

  // A line in the file; engines read the whole file of a failed verb as one JSON object, so it is
  // the only one then, and the warnings go to standard error.
  void error(const std::string& message);
  // Kept for the file until the verb has succeeded; without a file on standard error at once.
  void warning(const std::string& message);
  void write_warnings();

 private:
  void write(std::string_view level, const std::string& message) const;

  std::optional<std::string> file_;
  bool json_;
  std::vector<std::string> warnings_;
};

// The time now as in RFC 3339, in UTC, with nanoseconds.
[[nodiscard]] std::string timestamp();

}  // namespace mydocker::oci
