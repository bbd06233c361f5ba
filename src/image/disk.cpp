#include "image/disk.hpp"

#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <set>
#include <system_error>
#include <vector>

#include "helpers/text.hpp"
#include "image/json.hpp"
#include "mydocker/error.hpp"
#include "sys/check.hpp"
#include "sys/files.hpp"
#include "sys/installed_program.hpp"
#include "sys/processes.hpp"
#include "sys/user_namespaces.hpp"

namespace mydocker::image {
namespace {

struct Tool {
  const char* package;
  std::vector<std::string> words;
};

Tool tool_for(const Disk& disk, const std::string& folder) {
  if (disk.type == "squashfs")
    return {"squashfs-tools",
            {"unsquashfs", "-quiet", "-no-progress", "-force", "-dest", folder, disk.file}};
  return {"erofs-utils", {"fsck.erofs", "--extract=" + folder, "--overwrite", disk.file}};
}

// Calls `look` with each path below a folder.
template <class Look>
void walk(const std::string& top, const Look& look) {
  std::vector<std::string> folders{top};
  while (!folders.empty()) {
    const std::string folder = std::move(folders.back());
    folders.pop_back();
    for (const auto& name : sys::names_in(folder)) {
      std::string path = folder + "/" + name;
      struct stat info {};
      if (::lstat(path.c_str(), &info) < 0) continue;
      look(path, info);
      if (S_ISDIR(info.st_mode)) folders.push_back(std::move(path));
    }
  }
}

// What is below a folder; a file with several names counts once.
Limits size_of(const std::string& top) {
  Limits out{0, 0};
  std::set<ino_t> seen;
  walk(top, [&](const std::string&, const struct stat& info) {
    if (info.st_nlink > 1 && !S_ISDIR(info.st_mode) && !seen.insert(info.st_ino).second) return;
    ++out.inodes;
    if (S_ISREG(info.st_mode)) out.bytes += static_cast<std::uint64_t>(info.st_size);
  });
  return out;
}

// They are dead in a container, and 0:0 would be overlayfs's mark of what is deleted.
void remove_devices(const std::string& top, const Say& say) {
  unsigned count = 0;
  walk(top, [&](const std::string& path, const struct stat& info) {
    if (!S_ISCHR(info.st_mode) && !S_ISBLK(info.st_mode)) return;
    if (::unlink(path.c_str()) == 0) ++count;
  });
  if (count > 0) say("left out " + std::to_string(count) + " device nodes of the image");
}

void require_within(const Limits& limits, const std::string& folder) {
  const Limits taken = size_of(folder);
  if (taken.bytes > limits.bytes)
    throw BadImage("its files have more than " + std::to_string(limits.bytes) + " bytes");
  if (taken.inodes > limits.inodes)
    throw BadImage("more than " + std::to_string(limits.inodes) + " files");
}

}  // namespace

void unpack_disk(const Disk& disk, const Temporary& target, const Limits& limits, const Say& say) {
  const Tool tool = tool_for(disk, target.path);
  try {
    sys::InstalledProgram program(tool.words, {.folder = target.folder.get()});
    // Looking takes a while in a large tree: at most a fifth of the time goes there.
    constexpr std::uint64_t kLeastPause = 50, kShare = 4, kMillion = 1000000;
    std::uint64_t pause = kLeastPause;
    std::optional<int> status;
    while (!(status = program.wait(static_cast<int>(pause)))) {
      const std::uint64_t before = sys::monotonic_time();
      require_within(limits, target.path);
      pause = std::max(kLeastPause, (sys::monotonic_time() - before) / kMillion * kShare);
    }
    require_within(limits, target.path);
    // unsquashfs(1): what an ordinary user may not make.
    constexpr int kNotAll = 2;
    const bool is_root = ::geteuid() == 0 && sys::is_in_first_user_namespace();
    if (*status == kNotAll && disk.type == "squashfs" && !is_root)
      return say("left out what only root can make, device nodes for one: " + program.last_words());
    if (*status != 0)
      throw BadImage(tool.words.front() + " ended with status " + std::to_string(*status) + ": " +
                     program.last_words());
    remove_devices(target.path, say);
  } catch (const std::system_error& error) {
    if (error.code().value() != ENOENT || dynamic_cast<const SetupError*>(&error) != nullptr) throw;
    throw SetupError(
        "image",
        "unpack the " + disk.type + " in " + text::quoted(disk.file) + " by " + tool.words.front(),
        ENOENT,
        "install the package " + std::string(tool.package) + ", or be root: then it is mounted");
  }
}

}  // namespace mydocker::image
