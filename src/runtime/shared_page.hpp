// A page or two of memory that MyDocker and its child both see. After the seccomp filter is loaded the
// child may make no system call but execve; a store into memory is none, so this is how it still
// tells something.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "mydocker/network.hpp"
#include "mydocker/unique_fd.hpp"

namespace mydocker {

struct SharedPage {
  volatile std::int32_t exec_errno;      // why execve failed; 0: it did not
  volatile std::int32_t init_status;     // under --init: the entrypoint's wait status, plus one
  volatile std::int32_t listener;        // the seccomp listener's descriptor in the child, plus one
  volatile std::int32_t listener_taken;  // it has been passed on: the child may go
  volatile std::int32_t ports_are_free;  // the child holds none of the ports of MyDocker any more
  OwnAddresses addresses;                // the container's, written before the child goes on
  std::array<char, 1024> resolvers;      // lines of resolv.conf that its network brings, or nothing
  volatile std::uint32_t steps;          // how many of the child's steps are done
  static constexpr std::size_t kMostSteps = 500;
  std::array<volatile std::uint64_t, kMostSteps>
      step_end;  // CLOCK_MONOTONIC nanoseconds, filled for --timings

  // mmap(2), shared and anonymous; lives until MyDocker ends. Throws std::system_error.
  [[nodiscard]] static SharedPage* make();
  // A memory file of a page's size, and the page in it: another process can map it too. See
  // memfd_create(2).
  [[nodiscard]] static UniqueFd make_file();
  [[nodiscard]] static SharedPage* map(int memory);
};

}  // namespace mydocker
