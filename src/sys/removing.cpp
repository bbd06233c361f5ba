#include "sys/removing.hpp"

#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <memory>
#include <string_view>
#include <vector>

#include "mydocker/unique_fd.hpp"

namespace mydocker::sys {
namespace {

struct CloseFolder {
  void operator()(DIR* folder) const { ::closedir(folder); }
};
using Folder = std::unique_ptr<DIR, CloseFolder>;

Folder open_folder(int at, const char* name) {
  constexpr int kHow = O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC;
  UniqueFd fd(::openat(at, name, kHow));
  // Its owner may have shut it.
  if (!fd && errno == EACCES && ::fchmodat(at, name, 0700, 0) == 0)
    fd.reset(::openat(at, name, kHow));
  if (!fd) return {};
  Folder out(::fdopendir(fd.get()));
  if (out) (void)fd.release();
  return out;
}

// Without recursion: a container can make folders as deep as it likes. One stays open for each level,
// up to a depth; below that the deepest is moved up to the first, and goes on from there.
class Removal {
 public:
  explicit Removal(int top) : top_(top) {}

  bool remove_all() {
    bool all = true;
    open_.push_back({open_folder(top_, "."), {}});
    if (!open_.back().stream) return false;
    while (!open_.empty()) {
      const dirent* const entry = ::readdir(open_.back().stream.get());
      if (entry == nullptr) {
        all = leave() && all;
      } else {
        all = remove(entry->d_name) && all;
      }
    }
    return all;
  }

 private:
  struct Level {
    Folder stream;
    std::string name;
  };

  [[nodiscard]] int here() const { return ::dirfd(open_.back().stream.get()); }

  bool leave() {
    const std::string name = std::move(open_.back().name);
    open_.pop_back();
    return open_.empty() || ::unlinkat(here(), name.c_str(), AT_REMOVEDIR) == 0;
  }

  bool remove(const char* name) {
    const std::string_view word = name;
    if (word == "." || word == "..") return true;
    if (::unlinkat(here(), name, 0) == 0 || errno == ENOENT) return true;
    if (errno != EISDIR && errno != EPERM) return false;
    if (::unlinkat(here(), name, AT_REMOVEDIR) == 0) return true;
    constexpr std::size_t kDeepest = 200;
    if (open_.size() > kDeepest) {
      const int front = ::dirfd(open_.front().stream.get());
      bool is_moved = false;
      do {  // an image may bring folders of such names
        const std::string moved = ".mydocker-deep-" + std::to_string(++moved_);
        is_moved = ::renameat(here(), name, front, moved.c_str()) == 0;
      } while (!is_moved && (errno == ENOTEMPTY || errno == EEXIST || errno == ENOTDIR));
      if (is_moved) ::rewinddir(open_.front().stream.get());
      return is_moved;
    }
    Folder below = open_folder(here(), name);
    if (!below) return false;
    open_.push_back({std::move(below), name});
    return true;
  }

  int top_;
  unsigned moved_ = 0;
  std::vector<Level> open_;
};

}  // namespace

bool remove_tree(const std::string& path) {
  if (::unlink(path.c_str()) == 0 || errno == ENOENT) return true;
  if (errno != EISDIR && errno != EPERM) return false;
  const UniqueFd top(::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
  if (!top) return false;
  return Removal(top.get()).remove_all() && ::rmdir(path.c_str()) == 0;
}

}  // namespace mydocker::sys
