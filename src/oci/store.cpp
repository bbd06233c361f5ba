#include "oci/store.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <cstring>

#include "helpers/numbers.hpp"
#include "helpers/text.hpp"
#include "mydocker/error.hpp"
#include "mydocker/spec.hpp"
#include "oci/state_json.hpp"
#include "oci/verbs.hpp"
#include "sys/cgroup_tasks.hpp"
#include "sys/check.hpp"
#include "sys/files.hpp"
#include "sys/processes.hpp"

namespace mydocker::oci {
namespace {

constexpr const char *kState = "state.json", *kConfig = "config.json", *kInit = "init",
                     *kStart = "start";

void make_folders(const std::string& path) {
  for (auto slash = path.find('/', 1);; slash = path.find('/', slash + 1)) {
    const std::string part = path.substr(0, slash);
    if (::mkdir(part.c_str(), 0700) < 0 && errno != EEXIST) sys::fail(errno, "mkdir");
    if (slash == std::string::npos) return;
  }
}

// A path of at most 108 bytes for a socket in a folder whose own path may be longer.
sockaddr_un address_in(const UniqueFd& folder) {
  sockaddr_un out{};
  out.sun_family = AF_UNIX;
  const std::string path = "/proc/self/fd/" + std::to_string(folder.get()) + "/" + kStart;
  std::memcpy(out.sun_path, path.c_str(), path.size() + 1);
  return out;
}

UniqueFd start_socket() {
  return sys::check_fd(::socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0), "socket");
}

}  // namespace

std::string_view name_of(Status status) {
  static constexpr std::string_view kNames[] = {"creating", "created", "running", "paused",
                                                "stopped"};
  return kNames[static_cast<std::size_t>(status)];
}

std::string CgroupFolder::folder() const { return top + "/" + path; }

UniqueFd Container::lock() const {
  // Opened anew: a lock belongs to what was opened, and a child shares that with its parent.
  UniqueFd out =
      sys::check_fd(::openat(folder_.get(), ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC), "openat");
  sys::check(::flock(out.get(), LOCK_EX), "flock");
  return out;
}

void Container::write(const char* name, std::string_view text) const {
  const std::string fresh = std::string(name) + ".new";
  {
    const UniqueFd file =
        sys::check_fd(::openat(folder_.get(), fresh.c_str(),
                               O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, 0600),
                      "openat");
    sys::write_all(file.get(), text);
  }
  sys::check(::renameat(folder_.get(), fresh.c_str(), folder_.get(), name), "renameat");
}

std::string Container::read(const char* name) const {
  const UniqueFd file =
      sys::check_fd(::openat(folder_.get(), name, O_RDONLY | O_NOFOLLOW | O_CLOEXEC), "openat");
  return sys::read_whole(file.get());
}

bool Container::has(const char* name) const {
  if (::faccessat(folder_.get(), name, F_OK, AT_SYMLINK_NOFOLLOW) == 0) return true;
  if (errno != ENOENT) sys::fail(errno, "faccessat");
  return false;
}

void Container::write_state(const State& state) const { write(kState, to_json(state)); }

// Without one the maker died at its very beginning: nothing is known, and nothing was made.
State Container::read_state() const {
  const std::string id = path_.substr(path_.rfind('/') + 1);
  State out;
  if (has(kState)) {
    out = state_from_json(read(kState));
    if (out.id != id)
      throw Failure("the state of the container " + text::quoted(id) + " is that of another, " +
                    text::quoted(out.id));
  }
  out.id = id;
  return out;
}

void Container::write_config(std::string_view text) const { write(kConfig, text); }

std::string Container::read_config() const { return read(kConfig); }

void Container::record_init(pid_t pid) const {
  const auto started = sys::start_time(pid);
  if (!started) sys::fail(ESRCH, "open");
  write(kInit, std::to_string(pid) + " " + std::to_string(*started) + "\n");
}

std::optional<Init> Container::init() const {
  if (!has(kInit)) return std::nullopt;
  const std::string text = read(kInit);
  const auto parts = text::words(text);
  if (parts.size() != 2) return std::nullopt;
  const auto pid = numbers::parse(parts[0], INT32_MAX);
  const auto started = numbers::parse(parts[1]);
  if (!pid || *pid < 1 || !started) return std::nullopt;
  return Init{static_cast<pid_t>(*pid), *started};
}

UniqueFd Container::open_init() const {
  const auto recorded = init();
  if (!recorded) return {};
  // A container that runs must not be taken for one that has stopped: that could be deleted.
  UniqueFd process = sys::open_process(recorded->pid);
  if (!process && (errno == EMFILE || errno == ENFILE || errno == ENOMEM))
    sys::fail(errno, "pidfd_open");
  if (!process || sys::has_ended(process.get())) return {};
  const auto started = sys::start_time(recorded->pid);
  if (!started && !sys::has_ended(process.get())) sys::fail(EIO, "read");
  return started == recorded->started ? std::move(process) : UniqueFd();
}

Status Container::status() const {
  if (!has(kInit)) return Status::creating;
  if (!open_init()) return Status::stopped;
  if (has(kStart)) return Status::created;
  for (const auto& cgroup : read_state().cgroups) {
    if (sys::is_frozen(cgroup.folder())) return Status::paused;
  }
  return Status::running;
}

UniqueFd Container::listen_for_start() const {
  UniqueFd out = start_socket();
  const sockaddr_un address = address_in(folder_);
  sys::check(::bind(out.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address),
             "bind");
  sys::check(::listen(out.get(), 1), "listen");
  return out;
}

UniqueFd Container::connect_to_start() const {
  UniqueFd out = start_socket();
  const sockaddr_un address = address_in(folder_);
  sys::check(::connect(out.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address),
             "connect");
  return out;
}

void Container::forget_start() const { ::unlinkat(folder_.get(), kStart, 0); }

void Container::remove() const {
  // The state last: until then a second delete knows what there is to remove.
  for (const char* const name :
       {kStart, kConfig, "config.json.new", "init.new", "state.json.new", kInit, kState}) {
    ::unlinkat(folder_.get(), name, 0);
  }
  if (::rmdir(path_.c_str()) < 0 && errno != ENOENT) sys::fail(errno, "rmdir");
}

Store::Store(std::string root) : root_(std::move(root)) {
  struct stat info {};
  if (::lstat(root_.c_str(), &info) < 0) {
    make_folders(root_);
    sys::check(::lstat(root_.c_str(), &info), "lstat");
  }
  const bool is_ours =
      S_ISDIR(info.st_mode) && info.st_uid == ::geteuid() && (info.st_mode & 022) == 0;
  if (!is_ours) {
    throw SetupError("oci", "use the folder of states " + text::quoted(root_), EPERM,
                     "it has to be a folder of the user who runs MyDocker, and nobody else may "
                     "write to it");
  }
}

Container Store::make(const std::string& id) const {
  const std::string path = root_ + "/" + id;
  if (::mkdir(path.c_str(), 0700) < 0) {
    if (errno == EEXIST) throw Failure("container with id exists: " + id);
    sys::fail(errno, "mkdir");
  }
  try {
    return open(id);
  } catch (const std::exception&) {
    ::rmdir(path.c_str());
    throw;
  }
}

std::optional<Container> Store::try_open(const std::string& id) const {
  if (!valid_id(id)) return std::nullopt;
  std::string path = root_ + "/" + id;
  UniqueFd folder(::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
  if (!folder && errno != ENOENT && errno != ENOTDIR && errno != ELOOP) sys::fail(errno, "open");
  if (!folder) return std::nullopt;
  return Container(std::move(path), std::move(folder));
}

Container Store::open(const std::string& id) const {
  auto found = try_open(id);
  if (!found) throw Failure("container " + text::quoted(id) + " does not exist");
  return std::move(*found);
}

std::vector<std::string> Store::ids() const {
  std::vector<std::string> out;
  for (const auto& name : sys::names_in(root_)) {
    if (try_open(name)) out.push_back(name);
  }
  std::sort(out.begin(), out.end());
  return out;
}

}  // namespace mydocker::oci
