#include "runtime/mounts_made.hpp"

namespace mydocker {

void MountsMade::add(std::string_view target, UniqueFd mount) {
  while (target.ends_with('/')) target.remove_suffix(1);
  mounts_.emplace_back(target, std::move(mount));
}

std::pair<int, std::string> MountsMade::find(std::string_view path) const {
  // The latest is on top, and what lies further down the path was made later.
  for (auto made = mounts_.rbegin(); made != mounts_.rend(); ++made) {
    const auto& [target, mount] = *made;
    if (!path.starts_with(target)) continue;
    const std::string_view rest = path.substr(target.size());
    if (rest.empty()) return {mount.get(), "/"};
    if (rest.front() == '/') return {mount.get(), std::string(rest)};
  }
  return {-1, std::string(path)};
}

}  // namespace mydocker
