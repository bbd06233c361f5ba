#include "image/changes.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/xattr.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <optional>

#include "helpers/text.hpp"
#include "mydocker/error.hpp"
#include "mydocker/unique_fd.hpp"
#include "sys/check.hpp"
#include "sys/disks.hpp"
#include "sys/files.hpp"
#include "sys/mounts.hpp"

namespace mydocker::image {
namespace {

bool is_deletion(const struct stat& info) { return S_ISCHR(info.st_mode) && info.st_rdev == 0; }

bool is_opaque(const std::string& folder) {
  char value = 0;
  return ::lgetxattr(folder.c_str(), "user.overlay.opaque", &value, 1) == 1 && value == 'y';
}

// What one layer says of a path.
enum class Says { nothing, there, gone };

Says layer_says(const std::string& layer, const std::string& path) {
  std::string at = layer;
  const auto parts = text::split(path, '/');
  for (std::size_t i = 0; i < parts.size(); ++i) {
    if (parts[i].empty()) continue;
    // Behind a folder that hides what is below it, what is not here is nowhere.
    const bool hides = at != layer && is_opaque(at);
    at += "/" + std::string(parts[i]);
    struct stat info {};
    if (::lstat(at.c_str(), &info) < 0) return hides ? Says::gone : Says::nothing;
    // Nothing is in what is no folder; a link is not followed.
    if (is_deletion(info) || (i + 1 < parts.size() && !S_ISDIR(info.st_mode))) return Says::gone;
  }
  return Says::there;
}

bool is_below(const Base& base, const std::string& path) {
  for (const auto& layer : base.lower) {
    const Says says = layer_says(layer, path);
    if (says != Says::nothing) return says == Says::there;
  }
  return false;
}

// A container that runs may put a link in the place of a folder: each is opened without following any,
// and what is in it is looked at by that descriptor.
class Walk {
 public:
  Walk(const std::string& upper, const Base& base)
      : top_(sys::check_fd(::open(upper.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC), "open")),
        base_(base) {}

  std::vector<Change> all() {
    folders_.push_back({"", true});
    while (!folders_.empty()) {
      const Folder folder = std::move(folders_.back());
      folders_.pop_back();
      const UniqueFd here =
          sys::try_open_in_root(top_.get(), folder.path + "/", sys::Symlinks::refuse);
      if (!here) continue;  // it has gone meanwhile
      const std::string there = "/proc/self/fd/" + std::to_string(here.get()) + "/";
      for (const auto& name : sys::names_in(there)) look(there + name, folder.path + "/" + name);
      if (folder.was_there && !folder.path.empty() && is_opaque(there))
        deleted_in(there, folder.path);
    }
    std::sort(found_.begin(), found_.end(),
              [](const Change& a, const Change& b) { return a.path < b.path; });
    return std::move(found_);
  }

 private:
  struct Folder {
    std::string path;
    bool was_there;
  };

  // `there`: as it can be opened now.
  void look(const std::string& there, const std::string& path) {
    struct stat info {};
    if (::lstat(there.c_str(), &info) < 0) return;
    const bool was_there = is_below(base_, path);
    if (is_deletion(info)) {
      if (was_there) found_.push_back({'D', path});
      return;
    }
    // Made by MyDocker, to mount on.
    const bool is_ours = !was_there && (path == "/dev" || path == "/proc" || path == "/sys");
    if (is_ours) return;
    found_.push_back({was_there ? 'C' : 'A', path});
    if (S_ISDIR(info.st_mode)) folders_.push_back({path, was_there});
  }

  // A folder that was made anew: what it does not have again is gone.
  void deleted_in(const std::string& there, const std::string& path) {
    std::vector<std::string> names;
    for (const auto& layer : base_.lower) {
      if (layer_says(layer, path) != Says::there) continue;
      for (const auto& name : sys::names_in(layer + path)) names.push_back(name);
    }
    std::sort(names.begin(), names.end());
    names.erase(std::unique(names.begin(), names.end()), names.end());
    for (const auto& name : names) {
      const std::string inner = path + "/" + name;
      struct stat info {};
      if (::lstat((there + name).c_str(), &info) < 0 && is_below(base_, inner))
        found_.push_back({'D', inner});
    }
  }

  UniqueFd top_;
  const Base& base_;
  std::vector<Folder> folders_;
  std::vector<Change> found_;
};

// Only a file that MyDocker has written itself: root reads what it names. Nothing, with errno, else.
std::optional<std::string> read_own(const std::string& path) {
  const UniqueFd file(::open(path.c_str(), O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC));
  struct stat info {};
  if (!file || ::fstat(file.get(), &info) < 0) return std::nullopt;
  if (!S_ISREG(info.st_mode) || info.st_uid != ::geteuid()) {
    errno = EPERM;
    return std::nullopt;
  }
  return sys::read_whole(file.get());
}

}  // namespace

Base read_base(const std::string& writable) {
  const auto text = read_own(writable + "/base");
  const int error = errno;
  if (!text)
    throw SetupError(
        "image", "read what lies below " + text::quoted(writable), error,
        error == EPERM ? "its file 'base' has to be of whoever runs MyDocker"
                       : "it has to be a folder of --overlay-dir, or a container that runs from an "
                         "image or with --overlay");
  Base out;
  bool is_first = true;
  for (const auto line : text::split(*text, '\n')) {
    if (is_first)
      out.image = line;
    else if (!line.empty())
      out.lower.emplace_back(line);
    is_first = false;
  }
  for (auto& each : out.lower) {
    if (const auto disk = sys::disk_at(each)) {
      out.disk = sys::mount_disk(*disk, kInert);
      each = "/proc/self/fd/" + std::to_string(out.disk.get());
    }
  }
  return out;
}

std::vector<Change> changes_in(const std::string& writable) {
  const Base base = read_base(writable);
  return Walk(writable + "/upper", base).all();
}

}  // namespace mydocker::image
