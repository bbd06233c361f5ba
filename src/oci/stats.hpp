// What a container has used: read from its cgroups of either version, and as the JSON that engines
// read from `events --stats`.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "mydocker/host_facts.hpp"

namespace mydocker::oci {

// Nanoseconds. The lists have one number a processor, and are empty on v2.
struct CpuStats {
  std::uint64_t total = 0, kernel = 0, user = 0;
  std::vector<std::uint64_t> percpu, percpu_kernel, percpu_user;
  std::uint64_t periods = 0, throttled_periods = 0, throttled_time = 0;
};

struct MemoryEntry {
  std::uint64_t limit = 0, usage = 0, max = 0, failcnt = 0;
};

struct MemoryStats {
  std::uint64_t cache = 0;
  MemoryEntry usage, swap, kernel, kernel_tcp;       // `swap`: memory and swap together
  std::map<std::string, std::uint64_t> raw, events;  // memory.stat; v2: memory.events
};

struct IoEntry {
  std::uint64_t major = 0, minor = 0;
  std::string op;  // "Read", "Write"
  std::uint64_t value = 0;
};

// How long tasks waited for something, in the kernel's words: "some avg10" of `cpu.pressure`.
struct Pressure {
  struct Line {
    std::string avg10, avg60, avg300, total;  // numbers
  };
  Line some, full;
};

struct CgroupStats {
  CpuStats cpu;
  MemoryStats memory;
  std::uint64_t pids = 0, pids_limit = 0;             // limit 0: none
  std::map<std::string, std::vector<IoEntry>> blkio;  // "ioServiceBytesRecursive" and others
  std::map<std::string, MemoryEntry> hugetlb;         // by page size; no limit
  std::optional<Pressure> cpu_pressure, memory_pressure, io_pressure;  // v2 alone
};

// What there is of the folder `path`; a controller that this host lacks leaves zeros.
[[nodiscard]] CgroupStats read_stats(const CgroupLayout& layout, const std::string& path);

// One line, with its newline: {"type":"stats","id":ID,"data":{...}}.
[[nodiscard]] std::string stats_json(const std::string& id, const CgroupStats& stats);
// {"type":"oom","id":ID}
[[nodiscard]] std::string oom_json(const std::string& id);

}  // namespace mydocker::oci
