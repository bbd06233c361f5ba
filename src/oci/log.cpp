#include "oci/log.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <array>
#include <chrono>
#include <cstdio>
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
  // Not gmtime(3) and strftime(3): they read /etc/localtime, for UTC too.
  using namespace std::chrono;
  const auto now = time_point_cast<nanoseconds>(system_clock::now());
  const auto day = floor<days>(now);
  const year_month_day date(day);
  const hh_mm_ss time(now - day);
  std::array<char, 64> out{};
  (void)std::snprintf(out.data(), out.size(), "%04d-%02u-%02uT%02ld:%02ld:%02ld.%09ldZ",
                      static_cast<int>(date.year()), static_cast<unsigned>(date.month()),
                      static_cast<unsigned>(date.day()), static_cast<long>(time.hours().count()),
                      static_cast<long>(time.minutes().count()),
                      static_cast<long>(time.seconds().count()),
                      static_cast<long>(time.subseconds().count()));
  return out.data();
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
