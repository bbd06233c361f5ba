// A container's cgroups without the container: made by the plan of the cgroup stage in every
// hierarchy of this host, below a folder of this process's own, and removed at the end.
#pragma once

#include <sys/mman.h>
#include <sys/types.h>
#include <unistd.h>

#include <atomic>
#include <functional>
#include <string>
#include <vector>

#include "mydocker/resources.hpp"
#include "mydocker/spec.hpp"
#include "runtime/context.hpp"
#include "runtime/linux_executor.hpp"
#include "support/host.hpp"

namespace mydocker::test {

class OwnCgroup {
 public:
  // Throws SetupError as a start would.
  explicit OwnCgroup(const Resources& resources);
  ~OwnCgroup();
  OwnCgroup(const OwnCgroup&) = delete;
  OwnCgroup& operator=(const OwnCgroup&) = delete;

  // New limits, as `update` sets them.
  void update(const Resources& resources);

  // A process in it, born there or moved as the plan says; `body` gives its exit status.
  pid_t start(const std::function<int()>& body);
  // Its exit status, or 128 and the signal that ended it.
  static int wait(pid_t process);
  int run(const std::function<int()>& body) { return wait(start(body)); }

  [[nodiscard]] const CgroupLayout& layout() const { return layout_; }
  [[nodiscard]] const std::string& path() const { return spec_.cgroup->path; }
  [[nodiscard]] int version(const std::string& controller) const;
  // The content of a file of the hierarchy that serves `controller`, without its last newline.
  [[nodiscard]] std::string file(const std::string& controller, const std::string& name) const;
  [[nodiscard]] std::string folder(const std::string& controller) const;
  [[nodiscard]] const std::vector<std::string>& notices() const { return notices_; }

 private:
  ContainerSpec spec_;
  CgroupLayout layout_;
  Context context_;
  LinuxExecutor executor_{context_};
  StagePlan plan_;
  std::vector<std::string> notices_;
  std::vector<const Action*> undo_;
  std::vector<pid_t> started_;
};

// A number that a child counts up and the test reads.
class SharedCounter {
 public:
  SharedCounter()
      : number_(static_cast<std::atomic<unsigned>*>(
            ::mmap(nullptr, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0))) {}
  ~SharedCounter() { ::munmap(number_, 4096); }
  SharedCounter(const SharedCounter&) = delete;
  SharedCounter& operator=(const SharedCounter&) = delete;
  std::atomic<unsigned>& operator*() const { return *number_; }
  [[nodiscard]] bool moves() const {
    const unsigned before = *number_;
    return wait_until([&] { return *number_ != before; }, std::chrono::seconds(5));
  }
  [[nodiscard]] bool rests() const {
    const unsigned before = *number_;
    ::usleep(100000);
    return *number_ == before;
  }

 private:
  std::atomic<unsigned>* number_;
};

// Counts up for ever, as a process of `cgroup`; returns once it does.
void count_in(OwnCgroup& cgroup, const SharedCounter& counter);
[[noreturn]] void count_up(std::atomic<unsigned>& number);

}  // namespace mydocker::test
