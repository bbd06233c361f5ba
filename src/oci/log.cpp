#include "oci/log.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <array>
#include <cstdio>
#include <ctime>
#include <system_error>

#include "helpers/text.hpp"
#include "mydocker/unique_fd.hpp"
#include "sys/files.hpp"

namespace mydocker::oci {
namespace {

void say(const std::string& line) {
  try {
    sys::write_all(STDERR_FILENO, "MyDocker: " + line + "\n");
  } catch (const std::system_error&) {
    // Nobody listens; the exit status tells.
  }
}

}  // namespace

std::string timestamp() {
  timespec now{};
  ::clock_gettime(CLOCK_REALTIME, &now);
  tm parts{};
  ::gmtime_r(&now.tv_sec, &parts);
  std::array<char, 32> day{}, fraction{};
  (void)std::strftime(day.data(), day.size(), "%Y-%m-%dT%H:%M:%S", &parts);
  (void)std::snprintf(fraction.data(), fraction.size(), ".%09ldZ", now.tv_nsec);
  return std::string(day.data()) + fraction.data();
}

void Log::write(std::string_view level, const std::string& message) const {
  // Never over a link: the file lies where an engine, or a user, may have prepared one.
  const UniqueFd file(
      ::open(file_->c_str(), O_WRONLY | O_CREAT | O_APPEND | O_NOFOLLOW | O_CLOEXEC, 0644));
  if (!file) return say("cannot write the log " + text::quoted(*file_));
  const std::string quoted = text::json_string(message);
  const std::string line =
      json_ ? R"({"level":")" + std::string(level) + R"(","msg":)" + quoted + R"(,"time":")" +
                  timestamp() + "\"}\n"
            : "time=\"" + timestamp() + "\" level=" + std::string(level) + " msg=" + quoted + "\n";
  try {
    sys::write_all(file.get(), line);
  } catch (const std::system_error&) {
    say("cannot write the log " + text::quoted(*file_));
  }
}

void Log::error(const std::string& message) {
  for (const auto& warning : warnings_) say("warning: " + warning);
  warnings_.clear();
  say(message);
  if (file_) write("error", message);
}

void Log::warning(const std::string& message) {
  if (file_)
    warnings_.push_back(message);
  else
    say("warning: " + message);
}

void Log::write_warnings() {
  for (const auto& warning : warnings_) write("warning", warning);
  warnings_.clear();
}

}  // namespace mydocker::oci
