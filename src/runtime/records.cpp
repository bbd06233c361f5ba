#include "runtime/records.hpp"

#include <fcntl.h>
#include <poll.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <csignal>
#include <optional>

#include "helpers/numbers.hpp"
#include "helpers/text.hpp"
#include "mydocker/spec.hpp"
#include "runtime/network_sweep.hpp"
#include "runtime/own_root.hpp"
#include "sys/cgroups.hpp"
#include "sys/check.hpp"
#include "sys/files.hpp"
#include "sys/own_cgroups.hpp"
#include "sys/processes.hpp"
#include "sys/removing.hpp"

namespace mydocker {
namespace {

bool still_there(int fd, const std::string& path) {
  struct stat open {
  }, named{};
  return ::fstat(fd, &open) == 0 && ::lstat(path.c_str(), &named) == 0 &&
         open.st_ino == named.st_ino && open.st_dev == named.st_dev;
}

enum class IfSwept { wait, skip };

// Of those who sweep, one at a time, so that a sweep is never taken for an owner that lives.
bool lock_sweep(int fd, IfSwept if_swept) {
  struct flock whole {};
  whole.l_type = F_WRLCK;
  whole.l_whence = SEEK_SET;
  return ::fcntl(fd, if_swept == IfSwept::wait ? F_OFD_SETLKW : F_OFD_SETLK, &whole) == 0;
}

// The record, if its owner is dead and nobody else sweeps it.
std::optional<UniqueFd> take_over(const std::string& path, IfSwept if_swept) {
  UniqueFd fd(::open(path.c_str(), O_RDWR | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK));
  if (!fd || !lock_sweep(fd.get(), if_swept) || ::flock(fd.get(), LOCK_EX | LOCK_NB) < 0 ||
      !still_there(fd.get(), path))
    return std::nullopt;
  return fd;
}

// A record is "PID TIME", a folder that goes with the container, and what is said about it, a line
// each. The folder is known first: the first line is made of blanks until then.
constexpr std::size_t kFirstLine = 64, kLongestRecord = 4U << 20;

std::string record_text(std::string first, const std::string& folder,
                        const std::string& description) {
  // A folder that is cut short would be another one, and whoever sweeps removes it.
  if (folder.find('\n') != std::string::npos) sys::fail(EINVAL, "pwrite");
  first.resize(kFirstLine - 1, ' ');
  return first + "\n" + folder + "\n" + description + "\n";
}

// Empty, if there is none, or if it was not written to its end.
std::string folder_in(std::string_view record) {
  const auto lines = text::split(record, '\n');
  constexpr std::size_t kAndBehindIt = 3;
  return lines.size() >= kAndBehindIt && lines[1].starts_with('/') ? std::string(lines[1])
                                                                   : std::string();
}

std::optional<RecordedContainer> container_in(std::string_view record) {
  const auto lines = text::split(record, '\n');
  const auto parts = text::words(lines.front());
  if (parts.size() != 2) return std::nullopt;
  const auto pid = numbers::parse(parts[0], INT32_MAX);
  const auto written = numbers::parse(parts[1]);
  if (!pid || *pid < 2 || !written) return std::nullopt;
  RecordedContainer out{static_cast<int>(*pid), *written, folder_in(record), {}};
  if (lines.size() > 2) out.description = lines[2];
  return out;
}

// The process of that pid is the recorded one only if it started before the record was written:
// one that took the number over started later.
void end_process(std::string_view record) {
  const auto child = container_in(record);
  if (!child) return;
  const UniqueFd process = sys::open_process(child->pid);
  if (!process) return;
  const auto started = sys::start_time(child->pid);
  if (!started || *started > child->written) return;
  sys::send_signal(process.get(), SIGKILL);
  pollfd ended{process.get(), POLLIN, 0};
  constexpr int kMilliseconds = 5000;
  ::poll(&ended, 1, kMilliseconds);
}

// What a container of -d has kept, if it was to go at the end. One that begins just now, by the same
// name, holds its folder locked.
bool remove_unwanted(const std::string& kept) {
  if (!sys::exists(kept + "/unwanted")) return true;
  const UniqueFd folder(::open(kept.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
  if (!folder || ::flock(folder.get(), LOCK_EX | LOCK_NB) < 0) return true;
  return sys::remove_tree(kept);
}

void sweep_record(const UniqueFd& record, const std::string& path, const CgroupLayout& layout) {
  const std::string said = sys::read_all(record.get(), kLongestRecord);
  end_process(said);
  const std::string id = path.substr(path.rfind('/') + 1);
  take_back_network(path.substr(0, path.rfind('/')), id, record.get());
  bool removed = true;
  if (const auto folder = folder_in(said); !folder.empty()) removed = remove_own_tree(folder);
  for (const auto& hierarchy : layout.hierarchies) {
    removed = sys::remove_cgroup(hierarchy.mount_point, default_cgroup_path(id)) && removed;
  }
  removed = remove_unwanted(kept_folder(path.substr(0, path.rfind('/'))) + "/" + id) && removed;
  if (removed) ::unlink(path.c_str());
}

}  // namespace

std::string kept_folder(const std::string& folder) { return folder + "/.detached"; }

void make_record_folder(const std::string& folder) {
  if (::mkdir(folder.c_str(), 0700) < 0 && errno != EEXIST) sys::fail(errno, "mkdir");
  struct stat info {};
  sys::check(::lstat(folder.c_str(), &info), "lstat");
  const bool is_ours =
      S_ISDIR(info.st_mode) && info.st_uid == ::geteuid() && (info.st_mode & 022) == 0;
  if (!is_ours) sys::fail(EPERM, "lstat");
}

UniqueFd create_record(const std::string& path) {
  make_record_folder(path.substr(0, path.rfind('/')));
  constexpr int kTries = 100;
  for (int tries = 0; tries < kTries; ++tries) {
    UniqueFd fd(::open(path.c_str(), O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600));
    if (fd) {
      if (::flock(fd.get(), LOCK_EX) < 0) {
        const int error = errno;
        ::unlink(path.c_str());
        sys::fail(error, "flock");
      }
      if (still_there(fd.get(), path)) return fd;  // else a sweep met it before it was locked
    } else if (errno == EEXIST) {
      const auto left = take_over(path, IfSwept::wait);
      if (left) sweep_record(*left, path, sys::own_cgroup_layout());
      if (sys::exists(path)) break;
    } else {
      sys::fail(errno, "open");
    }
  }
  sys::fail(EEXIST, "open");
}

void record_child(int record, int pid, const std::string& folder, const std::string& description) {
  const std::string text = record_text(std::to_string(pid) + " " + std::to_string(sys::boot_time()),
                                       folder, description);
  sys::check(::pwrite(record, text.data(), text.size(), 0), "pwrite");
}

void record_folder_to_remove(int record, const std::string& folder) {
  const std::string text = record_text({}, folder, {});
  sys::check(::pwrite(record, text.data(), text.size(), 0), "pwrite");
}

std::optional<RecordedContainer> recorded_container(const std::string& folder,
                                                    const std::string& id) {
  const std::string path = folder + "/" + id;
  if (take_over(path, IfSwept::wait)) return std::nullopt;  // its owner is dead
  return container_in(sys::try_read_file(path).value_or(""));
}

void sweep(const std::string& folder, const std::string& own) noexcept {
  try {
    std::optional<CgroupLayout> layout;
    for (const auto& id : sys::names_in(folder)) {
      if (id == own || !valid_id(id)) continue;
      const std::string path = folder + "/" + id;
      const auto left = take_over(path, IfSwept::skip);
      if (!left) continue;
      if (!layout) layout = sys::own_cgroup_layout();
      try {
        sweep_record(*left, path, *layout);
      } catch (const std::exception&) {
        // It stays, and the others are looked at.
      }
    }
  } catch (const std::exception&) {
    // The next start tries again.
  }
}

}  // namespace mydocker
