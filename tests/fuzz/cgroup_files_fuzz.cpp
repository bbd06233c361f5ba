// What the kernel's files say of a cgroup and of a process, and the names in them that a container
// chose. All files have the same content.
#include <fcntl.h>
#include <unistd.h>

#include <array>
#include <filesystem>
#include <string>

#include "fuzz/fuzz.hpp"
#include "mydocker/outcome.hpp"
#include "mydocker/unique_fd.hpp"
#include "oci/stats.hpp"
#include "sys/cgroup_tasks.hpp"
#include "sys/processes.hpp"

using namespace mydocker;

namespace {

// A folder that stands for every controller's, of either version; each file is a link to one.
class Folder {
 public:
  Folder() {
    const auto name = "mydocker-fuzz-" + std::to_string(::getpid());
    path_ = std::filesystem::temp_directory_path() / name;
    std::filesystem::create_directory(path_);
    content_ = UniqueFd(::open((path_ / "content").c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600));
    for (const char* const file : {"cgroup.procs",
                                   "cgroup.freeze",
                                   "cpu.stat",
                                   "cpu.pressure",
                                   "cpuacct.usage_percpu",
                                   "cpuacct.usage",
                                   "memory.stat",
                                   "memory.events",
                                   "memory.max",
                                   "memory.current",
                                   "memory.peak",
                                   "memory.swap.max",
                                   "memory.oom_control",
                                   "memory.limit_in_bytes",
                                   "pids.max",
                                   "pids.current",
                                   "pids.events",
                                   "pids.peak",
                                   "io.stat",
                                   "hugetlb.2MB.current",
                                   "hugetlb.2MB.events",
                                   "hugetlb.2MB.usage_in_bytes",
                                   "blkio.throttle.io_service_bytes"})
      std::filesystem::create_symlink("content", path_ / file);
  }
  ~Folder() { std::filesystem::remove_all(path_); }
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;

  void fill(std::string_view text) const {
    fuzz::require(::ftruncate(content_.get(), 0) == 0);
    fuzz::require(::pwrite(content_.get(), text.data(), text.size(), 0) ==
                  static_cast<ssize_t>(text.size()));
  }
  [[nodiscard]] CgroupLayout layout(int version) const {
    return {{{version,
              path_.string(),
              {"cpu", "cpuacct", "memory", "pids", "io", "blkio", "hugetlb", "freezer"},
              false,
              {}}}};
  }

 private:
  std::filesystem::path path_;
  UniqueFd content_;
};

}  // namespace

int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  static const Folder folder;
  const std::string_view text = fuzz::text_of(bytes, size);
  folder.fill(text);
  for (const int version : {1, 2}) {
    const CgroupLayout layout = folder.layout(version);
    const std::string json = oci::stats_json("fuzz", oci::read_stats(layout, "."));
    fuzz::require(json.ends_with("}\n") && json.find('\n') == json.size() - 1);
    fuzz::require_harmless(json.substr(0, json.size() - 1));
    static_cast<void>(read_usage(layout, "."));
    const std::string place = cgroup_folder(layout.hierarchies[0], ".");
    for (const pid_t pid : sys::processes_in(place)) fuzz::require(pid > 0);
    static_cast<void>(sys::is_frozen(place));
    for (const auto& found : sys::parse_cgroup_folders(text, layout))
      fuzz::require(found.starts_with(layout.hierarchies[0].mount_point));
  }
  for (const int signal : {1, 15, 64}) static_cast<void>(sys::handles(text, signal));
  return 0;
}
