#include "life/kept.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <ctime>
#include <nlohmann/json.hpp>

#include "helpers/text.hpp"
#include "helpers/times.hpp"
#include "mydocker/error.hpp"
#include "mydocker/spec.hpp"
#include "runtime/records.hpp"
#include "sys/check.hpp"
#include "sys/files.hpp"
#include "sys/removing.hpp"

namespace mydocker::life {
namespace {

constexpr const char *kAbout = "about", *kMade = "made", *kEnd = "end", *kUnwanted = "unwanted";
constexpr std::string_view kBegun = ".new-";

UniqueFd open_folder(const std::string& path) {
  return UniqueFd(::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
}

UniqueFd open_end(int folder) {
  return UniqueFd(::openat(folder, kEnd, O_RDWR | O_NOFOLLOW | O_CLOEXEC));
}

// By another name first, so that nobody meets it before it is locked.
std::string fresh_path(const std::string& folder, const std::string& id) {
  return folder + "/" + std::string(kBegun) + std::to_string(::getpid()) + "-" + id;
}

// Takes its place, unless somebody has that. False: somebody has.
bool take_place(const std::string& fresh, const std::string& path) {
  if (::renameat2(AT_FDCWD, fresh.c_str(), AT_FDCWD, path.c_str(), RENAME_NOREPLACE) == 0)
    return true;
  if (errno != EEXIST) sys::fail(errno, "renameat2");
  return false;
}

bool is_locked(int folder) {
  const bool is_free = ::flock(folder, LOCK_SH | LOCK_NB) == 0;
  if (is_free) ::flock(folder, LOCK_UN);
  return !is_free;
}

}  // namespace

std::int64_t now() {
  timespec time{};
  ::clock_gettime(CLOCK_REALTIME, &time);
  return time.tv_sec * times::kSecond + time.tv_nsec;
}

Kept Kept::make(const std::string& records, const std::string& id, std::string_view about) {
  const std::string folder = kept_folder(records), path = folder + "/" + id;
  try {
    make_record_folder(records);
    make_record_folder(folder);
    const std::string fresh = fresh_path(folder, id);
    sys::remove_tree(fresh);  // of a process of this number that was killed
    sys::check(::mkdir(fresh.c_str(), 0700), "mkdir");
    Kept out(path, sys::check_fd(open_folder(fresh).release(), "open"));
    sys::check(::flock(out.fd(), LOCK_EX | LOCK_NB), "flock");
    for (const char* const empty : {kEnd, kUnwanted}) out.write(empty, "");
    out.write(kAbout, about);
    out.write(kMade, times::text(now()));
    out.end_ = open_end(out.fd());
    if (take_place(fresh, path)) return out;
    const auto other = try_open(records, id);
    if (other && !other->is_wanted() && other->is_orphan()) other->remove();
    if (take_place(fresh, path)) return out;
    sys::remove_tree(fresh);
  } catch (const std::system_error& error) {
    throw SetupError("life", "make the folder " + text::quoted(path), error.code().value(), "");
  }
  throw SetupError("life", "give the container the name " + text::quoted(id), EEXIST,
                   "a container of that name is there, running or ended: 'MyDocker ps -a' shows "
                   "it, 'MyDocker rm " +
                       id + "' removes it");
}

std::optional<Kept> Kept::try_open(const std::string& records, const std::string& id) {
  if (!valid_id(id)) return std::nullopt;
  const std::string path = kept_folder(records) + "/" + id;
  UniqueFd folder = open_folder(path);
  if (!folder && errno != ENOENT && errno != ENOTDIR && errno != ELOOP) sys::fail(errno, "open");
  if (!folder) return std::nullopt;
  Kept out(path, std::move(folder));
  out.end_ = open_end(out.fd());
  if (!out.end_) return std::nullopt;  // it is being removed
  return out;
}

std::vector<std::string> Kept::ids(const std::string& records) {
  std::vector<std::string> out;
  for (auto& name : sys::names_in(kept_folder(records))) {
    if (valid_id(name)) out.push_back(std::move(name));
  }
  std::sort(out.begin(), out.end());
  return out;
}

std::vector<std::string> Kept::begun_and_left(const std::string& records) {
  std::vector<std::string> out;
  for (auto& name : sys::names_in(kept_folder(records))) {
    if (!name.starts_with(kBegun)) continue;
    // The number of the process that makes it stands in the name: between its mkdir and its lock, too,
    // that is somebody who lives.
    const auto number = text::split(std::string_view(name).substr(kBegun.size()), '-')[0];
    if (!sys::exists("/proc/" + std::string(number))) out.push_back(std::move(name));
  }
  return out;
}

void Kept::write(const char* name, std::string_view text) const {
  const UniqueFd file = sys::check_fd(
      ::openat(fd(), name, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, 0600), "openat");
  sys::write_all(file.get(), text);
}

std::string Kept::read(const char* name) const {
  const UniqueFd file(::openat(fd(), name, O_RDONLY | O_NOFOLLOW | O_CLOEXEC));
  return file ? sys::read_whole(file.get()) : std::string();
}

std::int64_t Kept::made() const { return times::parse(read(kMade)).value_or(0); }

bool Kept::is_wanted() const {
  return ::faccessat(fd(), kUnwanted, F_OK, AT_SYMLINK_NOFOLLOW) < 0 && errno == ENOENT;
}

void Kept::want() const { sys::check(::unlinkat(fd(), kUnwanted, 0), "unlinkat"); }

bool Kept::is_orphan() const { return !is_locked(fd()); }

void Kept::await_orphan() const {
  while (::flock(fd(), LOCK_SH) < 0) {
    if (errno != EINTR) sys::fail(errno, "flock");
  }
  ::flock(fd(), LOCK_UN);
}

void Kept::write_end(const End& end) const {
  const nlohmann::json json = {{"status", end.status},
                               {"reason", end.reason},
                               {"signal", end.signal},
                               {"time", times::text(end.time)}};
  const std::string text = json.dump() + "\n";
  sys::check(::pwrite(end_.get(), text.data(), text.size(), 0), "pwrite");
}

std::optional<End> Kept::end() const {
  std::string text(4096, '\0');
  const auto got = ::pread(end_.get(), text.data(), text.size(), 0);
  text.resize(got > 0 ? static_cast<std::size_t>(got) : 0);
  const auto json = nlohmann::json::parse(text, nullptr, false);
  try {
    if (json.is_object())
      return End{json.at("status"), json.at("reason"), json.at("signal"),
                 times::parse(json.at("time").get<std::string>()).value_or(0)};
  } catch (const nlohmann::json::exception&) {
    // Not what was written.
  }
  if (!is_orphan()) return std::nullopt;
  return End{exit_status::kKilled, kLost, "SIGKILL", 0};
}

void Kept::remove() const { sys::remove_tree(path_); }

}  // namespace mydocker::life
