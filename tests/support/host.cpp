#include "support/host.hpp"

#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cstdint>
#include <cstdlib>
#include <filesystem>

#include "helpers/numbers.hpp"
#include "helpers/text.hpp"
#include "sys/cgroups.hpp"
#include "sys/files.hpp"

namespace mydocker::test {
namespace {

// One function for who reads a container's files and who looks for what it left: a wrong folder would
// make the second one blind, and the first one tells.
std::string folder_of(const CgroupHierarchy& hierarchy, const std::string& id) {
  return cgroup_folder(hierarchy, default_cgroup_path(id));
}

}  // namespace

std::optional<std::string> cgroup_file(const std::string& id, const std::string& controller,
                                       const std::string& v2_file, const std::string& v1_file) {
  const CgroupLayout layout = sys::read_cgroup_layout();
  const auto* const hierarchy = layout.find(controller);
  if (hierarchy == nullptr) return std::nullopt;
  auto text = sys::try_read_file(folder_of(*hierarchy, id) + "/" + (hierarchy->version == 2 ? v2_file : v1_file));
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
    const std::string folder = folder_of(hierarchy, id);
    if (sys::exists(folder)) out.push_back("cgroup " + folder + ": " + sys::try_read_file(folder + "/cgroup.procs").value_or(""));
  }
  if (sys::exists("/run/mydocker/" + id)) out.push_back("record " + id);
  return out;
}

std::vector<pid_t> processes_with(const std::string& word, const std::string& program) {
  std::vector<pid_t> out;
  for (const auto& name : sys::names_in("/proc")) {
    const auto pid = numbers::parse(name, INT32_MAX);
    const auto line = pid ? sys::try_read_file("/proc/" + name + "/cmdline") : std::nullopt;
    if (!line) continue;
    const auto words = text::split(*line, '\0');
    const bool has_word = std::find(words.begin(), words.end(), word) != words.end();
    if (has_word && (program.empty() || words.front() == program)) out.push_back(static_cast<pid_t>(*pid));
  }
  return out;
}

std::string unique_id(const std::string& prefix) {
  static std::atomic<unsigned> count = 0;
  return prefix + "-" + std::to_string(::getpid()) + "-" + std::to_string(++count);
}

std::string unique_seconds() {
  static std::atomic<unsigned> count = 0;
  constexpr int kMost = 10000;
  const unsigned number = ++count % kMost;
  return std::to_string(std::uint64_t{1} << 30) + std::to_string(::getpid()) + std::to_string(kMost + number);
}

TemporaryFolder::TemporaryFolder() {
  std::string name = (std::filesystem::temp_directory_path() / "mydocker-test-XXXXXX").string();
  if (::mkdtemp(name.data()) == nullptr) std::abort();
  path_ = name;
}

TemporaryFolder::~TemporaryFolder() { std::filesystem::remove_all(path_); }

}  // namespace mydocker::test
