// How a container ended, and what it used.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "mydocker/host_facts.hpp"
#include "mydocker/spec.hpp"

namespace mydocker {

enum class Reason { exit, signal, oom, timeout };

struct Outcome {
  Reason reason = Reason::exit;
  int status = 0;             // what MyDocker exits with
  int signal = 0;             // the one that ended the entrypoint; 0: none
  bool killed_by_us = false;  // that signal was MyDocker's own, forwarded or after --timeout
  std::uint64_t wall_nanoseconds = 0;
  std::uint64_t cpu_nanoseconds = 0;  // of PID 1 and what it waited for; see Usage for all of it
};

// What the cgroup counted, read before it is removed; nothing where the kernel does not count.
struct Usage {
  std::optional<std::uint64_t> cpu_nanoseconds;
  std::optional<std::uint64_t> memory_peak;  // bytes
  std::optional<std::uint64_t> oom_kills;
  std::optional<std::uint64_t> pids_peak;
  std::optional<std::uint64_t> pids_refused;  // forks that met the limit
  std::optional<std::uint64_t> throttled_periods;
  std::optional<std::uint64_t> throttled_nanoseconds;
  std::optional<std::uint64_t> egress_refused;  // packets to whom --egress does not list
  bool operator==(const Usage&) const = default;
};

// Reads the files of the cgroup `path`, v2 and v1, controller by controller.
[[nodiscard]] Usage read_usage(const CgroupLayout& layout, const std::string& path);

// The entrypoint's own end, corrected by what the cgroup knows: a SIGKILL that nobody of ours
// sent, with an
// OOM kill counted, is reason oom.
void apply_usage(Outcome& outcome, const Usage& usage);

// What a person is told at the end, a line each, empty if all was ordinary:
// "killed: memory limit 64 MiB reached", "pids limit 20 reached: 3 forks refused".
[[nodiscard]] std::vector<std::string> closing_lines(const Outcome& outcome, const Usage& usage,
                                                     const std::optional<CgroupRequest>& cgroup);

// The report of --report, one JSON object and a newline.
[[nodiscard]] std::string report_json(const ContainerSpec& spec, const Outcome& outcome,
                                      const Usage& usage);

// The report of a start that failed: reason "error", and the message.
[[nodiscard]] std::string failure_json(const ContainerSpec& spec, const std::string& message,
                                       int status);

}  // namespace mydocker
