// The host that the tests run on: its cgroups, and what a container may have left.
#pragma once

#include <sys/types.h>

#include <chrono>
#include <optional>
#include <string>
#include <thread>
#include <vector>

namespace mydocker::test {

// The content of the file `file` in the cgroup of container `id`, whichever hierarchy `controller` is bound to:
// `v2_file` where that is v2, `v1_file` where it is v1. Nothing if it is not there.
[[nodiscard]] std::optional<std::string> cgroup_file(const std::string& id, const std::string& controller,
                                                     const std::string& v2_file, const std::string& v1_file);

// 2 or 1: the version of the hierarchy that serves `controller`; 0 if none does.
[[nodiscard]] int cgroup_version(const std::string& controller);

// Everything of container `id` that still exists: cgroups, the record, processes in its cgroups. A line each.
[[nodiscard]] std::vector<std::string> leftovers(const std::string& id);

// Pids of this host's processes whose command line has `word` as a word of its own; with `program`, only those
// that run it already: MyDocker's own words name the entrypoint too.
[[nodiscard]] std::vector<pid_t> processes_with(const std::string& word, const std::string& program = {});

// Asks again and again until `condition` holds; false after `limit`.
template <class Condition>
[[nodiscard]] bool wait_until(Condition condition, std::chrono::seconds limit = std::chrono::seconds(20)) {
  const auto end = std::chrono::steady_clock::now() + limit;
  while (!condition()) {
    if (std::chrono::steady_clock::now() > end) return false;
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
  }
  return true;
}

// An id that no other test uses.
[[nodiscard]] std::string unique_id(const std::string& prefix);

// A number of years, in seconds, that no other test sleeps: it tells a process from all others.
[[nodiscard]] std::string unique_seconds();

// A folder of its own for one test, mode 0700, removed at the end.
class TemporaryFolder {
 public:
  TemporaryFolder();
  ~TemporaryFolder();
  TemporaryFolder(const TemporaryFolder&) = delete;
  TemporaryFolder& operator=(const TemporaryFolder&) = delete;
  [[nodiscard]] const std::string& path() const { return path_; }

 private:
  std::string path_;
};

}  // namespace mydocker::test
