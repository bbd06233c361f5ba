#include "sys/overlays.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <string>

#include "sys/check.hpp"
#include "sys/mounts.hpp"

namespace mydocker::sys {
namespace {

constexpr const char* kDescriptors = "/proc/self/fd";

// Goes back where it came from.
class WorkingFolder {
 public:
  explicit WorkingFolder(const char* folder)
      : before_(check_fd(::open(".", O_PATH | O_CLOEXEC), "open")) {
    check(::chdir(folder), "chdir");
  }
  WorkingFolder(const WorkingFolder&) = delete;
  WorkingFolder& operator=(const WorkingFolder&) = delete;
  ~WorkingFolder() { (void)!::fchdir(before_.get()); }

 private:
  UniqueFd before_;
};

}  // namespace

// Folders are named by their descriptors: fsconfig(2) takes 255 bytes, and this is what all kernels
// take. Those of 6.8 and later take each layer by itself.
UniqueFd mount_overlay(const Overlay& overlay) {
  const WorkingFolder here(kDescriptors);
  const auto name = [](const UniqueFd& fd) { return std::to_string(fd.get()); };
  std::vector<std::pair<std::string, std::string>> options{
      {"source", "overlay"},
      {"userxattr", ""},
      {"upperdir", name(overlay.writable) + "/upper"},
      {"workdir", name(overlay.writable) + "/work"}};
  if (!overlay.syncs) options.emplace_back("volatile", "");
  std::string all;
  for (const auto& folder : overlay.lower) all += (all.empty() ? "" : ":") + name(folder);
  constexpr std::size_t kLongestValue = 255;
  if (all.size() <= kLongestValue) {
    options.emplace_back("lowerdir", all);
  } else {
    for (const auto& folder : overlay.lower) options.emplace_back("lowerdir+", name(folder));
  }
  return make_mount("overlay", overlay.flags, options);
}

}  // namespace mydocker::sys
