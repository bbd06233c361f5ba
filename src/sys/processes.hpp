// Making, signalling and awaiting processes, always by descriptor: a pid can be reused, a pidfd
// cannot.
#pragma once

#include <sys/resource.h>
#include <sys/types.h>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "mydocker/unique_fd.hpp"

namespace mydocker::sys {

struct Cloned {
  pid_t pid = 0;   // 0 in the child
  UniqueFd pidfd;  // of the child; in the parent only
};

// clone3(2) without CLONE_VM: a fork into new namespaces. `cgroup` is the descriptor of a v2
// folder to be born in, or -1. Throws std::system_error.
[[nodiscard]] Cloned clone_into(std::uint64_t namespaces, int cgroup);

// The same through a process in between, which first enters `joined` (a user namespace before the
// others) and then clones in its own parent's name: so the child is ours, and a child of those
// namespaces too. Throws std::system_error.
[[nodiscard]] Cloned clone_through(const std::vector<int>& joined, std::uint64_t namespaces,
                                   int cgroup);

// How a child ended, in the terms of waitid(2).
struct Ended {
  bool by_signal = false;
  int value = 0;   // exit status, or signal
  rusage usage{};  // its own and its awaited descendants'
};

// Waits for the end of the child behind `pidfd` and reaps it.
[[nodiscard]] Ended wait_for(int pidfd);

// Runs the program `file` with these words (the first its name) and an empty environment, and waits
// for it. Its exit status, or 128 and the signal that ended it.
[[nodiscard]] int run_program(const std::string& file, const std::vector<std::string>& words);

// The status of a program that could not be run at all: execve failed, or the loader of its libraries.
inline constexpr int kNotRun = 127;

// How it ended as a shell tells it: its exit status, or 128 and the signal.
[[nodiscard]] int status_of(const Ended& ended);

// What a program that ran to its end has to say.
struct Finished {
  int status = 0;      // its exit status, or 128 and the signal that ended it; 127: it was not run
  std::string output;  // of standard output and standard error, its beginning
};

// Runs the program behind the descriptor `program` with these words (the first its name) and this
// environment ("NAME=value"), and waits for it.
[[nodiscard]] Finished run_program(int program, const std::vector<std::string>& words,
                                   const std::vector<std::string>& environment);

// Waits for the end of the child behind `pidfd`, and reaps it unless somebody has.
void see_the_end_of(int pidfd);

// Waits for all children that have ended already, but `kept`: helpers whose part is done.
void reap_all_but(pid_t kept);

// pidfd_send_signal(2); false if the process is gone.
bool send_signal(int pidfd, int signal);

// pidfd_open(2); empty if there is no such process.
[[nodiscard]] UniqueFd open_process(pid_t pid);

// Nanoseconds of CLOCK_BOOTTIME at which a process started, from /proc/PID/stat; nothing if it is
// gone.
[[nodiscard]] std::optional<std::uint64_t> start_time(pid_t pid);

// Whether all of a process has ended, waited for or not.
[[nodiscard]] bool has_ended(int pidfd);

// Nanoseconds of CLOCK_BOOTTIME now.
[[nodiscard]] std::uint64_t boot_time();

// Nanoseconds of CLOCK_MONOTONIC now.
[[nodiscard]] std::uint64_t monotonic_time();

// Whether a process catches, blocks or ignores `signal`; `status` is its /proc/PID/status. Pure.
[[nodiscard]] bool handles(std::string_view status, int signal);

// Whether `signal` would be lost on PID 1 of a namespace, because it neither catches, blocks nor
// ignores it; read from the Sig* lines of /proc/PID/status. See pid_namespaces(7).
[[nodiscard]] bool is_unhandled(const std::string& status_file, int signal);

}  // namespace mydocker::sys
