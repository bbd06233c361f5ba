// What a container may use, in the words of the OCI runtime specification's `linux.resources`, which
// are those of cgroups(7). What is missing is not limited and not written.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace mydocker {

// A number of bytes: Bytes{1} << 20 is one MiB.
struct Bytes {
  std::uint64_t count = 0;
  auto operator<=>(const Bytes&) const = default;
};

struct MemoryResources {
  // Bytes; -1: no limit. `swap` is memory and swap together, as v1 counts it.
  std::optional<std::int64_t> limit, reservation, swap, kernel, kernel_tcp;
  std::optional<std::uint64_t> swappiness;  // 0 to 100
  std::optional<bool> disable_oom_killer, use_hierarchy;
  bool check_before_update = false;  // refuse a limit below what is in use
  bool operator==(const MemoryResources&) const = default;
};

struct CpuResources {
  std::optional<std::uint64_t> shares;         // v1: 2 to 262144, 1024 is the kernel's default
  std::optional<unsigned> percent;             // 1 to 100, of the default share; the classic -C
  std::optional<std::int64_t> quota;           // microseconds a period; -1: no limit
  std::optional<std::uint64_t> burst, period;  // microseconds
  std::optional<std::int64_t> realtime_runtime;
  std::optional<std::uint64_t> realtime_period;
  std::string cpus, mems;  // lists as in cpuset(7): "0-3,5"
  std::optional<std::int64_t> idle;
  bool operator==(const CpuResources&) const = default;
};

// A block device and a number for it.
struct DeviceWeight {
  std::int64_t major = 0, minor = 0;
  std::optional<std::uint16_t> weight, leaf_weight;
  bool operator==(const DeviceWeight&) const = default;
};
struct DeviceRate {
  std::int64_t major = 0, minor = 0;
  std::uint64_t rate = 0;  // bytes or operations a second
  bool operator==(const DeviceRate&) const = default;
};

struct BlockIoResources {
  // 10 to 1000, which becomes 1 to 10000 in io.weight; as it is where `every_hierarchy` is false.
  std::optional<std::uint16_t> weight, leaf_weight;
  std::vector<DeviceWeight> devices;
  std::vector<DeviceRate> read_bps, write_bps, read_iops, write_iops;
  bool operator==(const BlockIoResources&) const = default;
};

struct HugepageLimit {
  std::string page_size;  // "2MB"
  std::uint64_t limit = 0;
  bool operator==(const HugepageLimit&) const = default;
};

struct NetworkResources {
  std::optional<std::uint32_t> class_id;
  std::vector<std::pair<std::string, std::uint32_t>> priorities;  // interface, priority
  bool operator==(const NetworkResources&) const = default;
};

struct RdmaLimit {
  std::string device;
  std::optional<std::uint32_t> handles, objects;
  bool operator==(const RdmaLimit&) const = default;
};

// One line of the device list: applied in order, the last that matches decides.
struct DeviceRule {
  bool allow = false;
  char type = 'a';                           // 'a', 'c', 'b'
  std::optional<std::int64_t> major, minor;  // none: any
  std::string access = "rwm";
  bool operator==(const DeviceRule&) const = default;
};

struct Resources {
  MemoryResources memory;
  CpuResources cpu;
  // Processes; -1: no limit. 0 is a limit, as the specification says from version 1.3 on: for
  // those who mean "none" by it, the front end says -1.
  std::optional<std::int64_t> pids;
  BlockIoResources block_io;
  std::vector<HugepageLimit> hugepages;
  NetworkResources network;
  std::vector<RdmaLimit> rdma;
  std::vector<DeviceRule> devices;
  std::vector<std::pair<std::string, std::string>>
      unified;  // v2: file and text, written as they are
  bool operator==(const Resources&) const = default;
};

}  // namespace mydocker
