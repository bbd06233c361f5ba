#include "support/host.hpp"

#include <unistd.h>

#include <atomic>
#include <cstdlib>
#include <filesystem>

#include "sys/cgroups.hpp"
#include "sys/files.hpp"

namespace mydocker::test {

std::optional<std::string> cgroup_file(const std::string& id, const std::string& controller,
                                       const std::string& v2_file, const std::string& v1_file) {
  const CgroupLayout layout = sys::read_cgroup_layout();
  const auto* const hierarchy = layout.find(controller);
  if (hierarchy == nullptr) return std::nullopt;
  auto text = sys::try_read_file(cgroup_folder(*hierarchy, id) + "/" + (hierarchy->version == 2 ? v2_file : v1_file));
  if (text && text->ends_with('\n')) text->pop_back();
  return text;
}

int cgroup_version(const std::string& controller) {
  const CgroupLayout layout = sys::read_cgroup_layout();
  const auto* const hierarchy = layout.find(controller);
  return hierarchy == nullptr ? 0 : hierarchy->version;
}

std::vector<std::string> leftovers(const std::string& id) {
  std::vector<std::string> out;
  for (const auto& hierarchy : sys::read_cgroup_layout().hierarchies) {
    const std::string folder = cgroup_folder(hierarchy, id);
    if (sys::exists(folder)) out.push_back("cgroup " + folder + ": " + sys::try_read_file(folder + "/cgroup.procs").value_or(""));
  }
  if (sys::exists("/run/mydocker/" + id)) out.push_back("record " + id);
  return out;
}

std::string unique_id(const std::string& prefix) {
  static std::atomic<unsigned> count = 0;
  return prefix + "-" + std::to_string(::getpid()) + "-" + std::to_string(++count);
}

TemporaryFolder::TemporaryFolder() {
  std::string name = (std::filesystem::temp_directory_path() / "mydocker-test-XXXXXX").string();
  if (::mkdtemp(name.data()) == nullptr) std::abort();
  path_ = name;
}

TemporaryFolder::~TemporaryFolder() { std::filesystem::remove_all(path_); }

}  // namespace mydocker::test
