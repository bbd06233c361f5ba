#include "sys/oom_watch.hpp"

#include <fcntl.h>
#include <sys/eventfd.h>
#include <sys/inotify.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>

#include "helpers/numbers.hpp"
#include "helpers/text.hpp"
#include "sys/check.hpp"
#include "sys/files.hpp"

namespace mydocker::sys {
namespace {

// The number behind `key` in a file of "key number" lines, or 0.
std::uint64_t keyed(const std::string& path, std::string_view key) {
  const auto file = try_read_file(path).value_or("");
  for (const auto line : text::split(file, '\n')) {
    const auto words = text::words(line);
    if (words.size() == 2 && words[0] == key) return numbers::parse(words[1]).value_or(0);
  }
  return 0;
}

// See "Memory thresholds" and "OOM Control" in Documentation/admin-guide/cgroup-v1/memory.rst.
UniqueFd watch_v1(const std::string& folder) {
  UniqueFd events = check_fd(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK), "eventfd");
  const UniqueFd control =
      check_fd(::open((folder + "/memory.oom_control").c_str(), O_RDONLY | O_CLOEXEC), "open");
  write_file(folder + "/cgroup.event_control",
             std::to_string(events.get()) + " " + std::to_string(control.get()));
  return events;
}

UniqueFd watch_v2(const std::string& folder) {
  UniqueFd events = check_fd(::inotify_init1(IN_CLOEXEC | IN_NONBLOCK), "inotify_init1");
  for (const char* const file : {"/memory.events", "/cgroup.events"}) {
    check(::inotify_add_watch(events.get(), (folder + file).c_str(), IN_MODIFY),
          "inotify_add_watch");
  }
  return events;
}

}  // namespace

OomWatch::OomWatch(const CgroupLayout& layout, const std::string& path) {
  const auto* const memory = layout.find("memory");
  if (memory == nullptr) fail(ENOENT, "open");
  folder_ = cgroup_folder(*memory, path);
  is_v2_ = memory->version == 2;
  events_ = is_v2_ ? watch_v2(folder_) : watch_v1(folder_);
}

std::uint64_t OomWatch::count() {
  if (is_v2_) {
    std::array<char, 4096> buffer;
    while (::read(events_.get(), buffer.data(), buffer.size()) > 0) continue;
    last_count_ = std::max(last_count_, keyed(folder_ + "/memory.events", "oom_kill"));
    return last_count_;
  }
  std::uint64_t news = 0;
  const auto got = ::read(events_.get(), &news, sizeof news);
  // The folder's end is told in the same way.
  if (got == sizeof news && exists(folder_)) notified_ += news;
  // A killed process is the truth; where the killer is off there is the notification alone.
  last_count_ =
      std::max({last_count_, notified_, keyed(folder_ + "/memory.oom_control", "oom_kill")});
  return last_count_;
}

bool OomWatch::is_over() const {
  if (!exists(folder_)) return true;
  const auto events = is_v2_ ? try_read_file(folder_ + "/cgroup.events") : std::nullopt;
  return events && events->find("populated 0") != std::string::npos;
}

}  // namespace mydocker::sys
