// Waiting for the kernel to run out of memory inside a cgroup.
#pragma once

#include <cstdint>
#include <string>

#include "mydocker/host_facts.hpp"
#include "mydocker/unique_fd.hpp"

namespace mydocker::sys {

class OomWatch {
 public:
  // Of the folder `path`, which must exist. Throws std::system_error; ENOENT also where this host
  // has no memory controller.
  OomWatch(const CgroupLayout& layout, const std::string& path);

  // Readable (POLLIN) when there may be something new: ask count() and is_over() then.
  [[nodiscard]] int fd() const { return events_.get(); }

  // How often it happened so far. Waits for nothing, and makes fd() unreadable again.
  [[nodiscard]] std::uint64_t count();

  // Nothing more will come: the folder is gone, or on v2 empty.
  [[nodiscard]] bool is_over() const;

 private:
  std::string folder_;
  bool is_v2_ = false;
  UniqueFd events_;               // v1: an eventfd(2); v2: an inotify(7)
  std::uint64_t notified_ = 0;    // v1
  std::uint64_t last_count_ = 0;  // what was counted remains when the folder goes
};

}  // namespace mydocker::sys
