// The files of cgroup v2, see Documentation/admin-guide/cgroup-v2.rst of the kernel.
#include <algorithm>
#include <cerrno>
#include <cmath>
#include <tuple>

#include "namespaces/cgroup/resources.hpp"

namespace mydocker::cgroup {
namespace {

std::string or_max(std::int64_t value) { return value < 0 ? "max" : std::to_string(value); }

// v2 counts swap alone; the specification counts memory and swap together.
void swap(const Asked& asked, Settings& out) {
  const MemoryResources& memory = asked.resources().memory;
  const auto write = [&](const std::string& text) {
    out.limit("memory.swap", "memory.swap.max", text, kWhySwap, missing_swap(asked));
  };
  if (memory.swap.value_or(-1) < 0) {
    if (memory.swap || memory.limit == -1) write("max");
    return;
  }
  std::optional<std::int64_t> limit = memory.limit;
  if (!limit && asked.now().memory_limit)
    limit = static_cast<std::int64_t>(*asked.now().memory_limit);
  if (!limit || *limit < 0) {
    refuse("memory.swap", EINVAL,
           "cgroup v2 counts swap alone, so that memory.limit has to be there to take away");
  }
  if (*memory.swap < *limit)
    refuse("memory.swap", EINVAL, "it is memory and swap together, at least memory.limit");
  write(std::to_string(*memory.swap - *limit));
}

void refuse_what_v2_lacks(const MemoryResources& memory, Settings& out) {
  if (memory.swappiness)
    refuse("memory.swappiness", EOPNOTSUPP, "cgroup v2 has no swappiness of a cgroup's own");
  if (memory.disable_oom_killer.value_or(false))
    refuse("memory.disableOOMKiller", EOPNOTSUPP, "cgroup v2 cannot do without the OOM killer");
  if (!memory.use_hierarchy.value_or(true))
    refuse("memory.useHierarchy", EOPNOTSUPP, "cgroup v2 always counts what runs in folders below");
  constexpr const char* kCounted = " has no effect: memory.limit of cgroup v2 counts that too";
  if (memory.kernel.value_or(-1) >= 0)
    out.notices.push_back(std::string("memory.kernel") + kCounted);
  if (memory.kernel_tcp.value_or(-1) >= 0)
    out.notices.push_back(std::string("memory.kernelTCP") + kCounted);
}

// An io.max of 0 is not taken; v1 took it for "no limit".
std::string rate_text(std::uint64_t rate) { return rate == 0 ? "max" : std::to_string(rate); }

}  // namespace

std::uint64_t v2::cpu_weight(std::uint64_t shares) {
  // Through the three points 2:1, 1024:100, 262144:10000, a parabola between the logarithms: as
  // runc and crun do since 2025. The straight line that they had made 39 of the default.
  const double exponent =
      std::log2(static_cast<double>(std::clamp<std::uint64_t>(shares, 2, 262144)));
  const double weight = std::pow(10, (exponent * exponent + 125 * exponent) / 612 - 7.0 / 34);
  // Rounded up, but not for what is a whole number but for its last binary digit.
  constexpr double kNoise = 1e-9;
  return static_cast<std::uint64_t>(std::ceil(weight * (1 - kNoise)));
}

unsigned v2::io_weight(unsigned weight) {
  return 1 + (std::clamp(weight, 10U, 1000U) - 10) * 9999 / 990;
}

Settings v2::memory(const Asked& asked) {
  const MemoryResources& memory = asked.resources().memory;
  Settings out;
  refuse_what_v2_lacks(memory, out);
  refuse_below_usage(asked);
  if (memory.limit) out.limit("memory.limit", "memory.max", or_max(*memory.limit), kWhyMemory);
  swap(asked, out);
  if (memory.reservation)
    out.limit("memory.reservation", "memory.low", or_max(*memory.reservation), kWhyReservation);
  return out;
}

Settings v2::cpu(const Asked& asked) {
  const CpuResources& cpu = asked.resources().cpu;
  Settings out;
  if (cpu.realtime_runtime || cpu.realtime_period) {
    refuse(cpu.realtime_runtime ? "cpu.realtimeRuntime" : "cpu.realtimePeriod", EOPNOTSUPP,
           "cgroup v2 does not divide realtime");
  }
  const auto idle = [&] {
    if (!cpu.idle) return;
    out.advice("cpu.idle", {{"cpu.idle", std::to_string(*cpu.idle)}}, kWhyIdle,
               "cpu.idle has no effect: this kernel has no cpu.idle");
  };
  // An idle group takes no weight.
  if (cpu.idle == 0) idle();
  if (cpu.percent) {
    out.share("-C", "cpu.weight", std::to_string(*cpu.percent), kWhyShare);
  } else if (cpu.shares) {
    out.share("cpu.shares", "cpu.weight", std::to_string(cpu_weight(*cpu.shares)), kWhyShare);
  }
  if (cpu.idle != 0) idle();
  const auto burst = [&] {
    if (!cpu.burst) return;
    out.limit("cpu.burst", "cpu.max.burst", std::to_string(*cpu.burst), kWhyBurst);
  };
  const bool burst_first = bursts_first(asked);
  if (burst_first) burst();
  if (cpu.quota || cpu.period) {
    const auto& now = asked.now().cpu_quota;
    std::string text = cpu.quota ? or_max(*cpu.quota) : now ? std::to_string(*now) : "max";
    if (cpu.period) text += " " + std::to_string(*cpu.period);
    out.limit(cpu.quota ? "cpu.quota" : "cpu.period", "cpu.max", std::move(text), kWhyQuota);
  }
  if (!burst_first) burst();
  return out;
}

Settings v2::io(const Asked& asked) {
  const BlockIoResources& io = asked.resources().block_io;
  Settings out;
  if (io.weight) {
    const std::string text = std::to_string(*io.weight);
    // Who speaks of -I says io.weight's own numbers, whose default is 100 as bfq's is.
    const std::string other =
        asked.request.every_hierarchy ? std::to_string(io_weight(*io.weight)) : text;
    out.advice(weight_property(asked), {{"io.bfq.weight", text}, {"io.weight", "default " + other}},
               kWhyDisk, weight_warning(asked, out));
  }
  if (io.leaf_weight) out.notices.push_back("blockIO.leafWeight" + std::string(kNoLeafWeight));
  for (const auto& each : io.devices) {
    const std::string device = device_number(each.major, each.minor) + " ";
    if (each.weight) {
      out.advice("blockIO.weightDevice",
                 {{"io.bfq.weight", device + std::to_string(*each.weight)},
                  {"io.weight", device + std::to_string(io_weight(*each.weight))}},
                 kWhyDisk, "blockIO.weightDevice has no effect on " + device + "in this kernel");
    }
    if (each.leaf_weight)
      out.notices.push_back("blockIO.weightDevice.leafWeight" + std::string(kNoLeafWeight));
  }
  const std::tuple<const char*, const char*, const std::vector<DeviceRate>&> rates[] = {
      {"blockIO.throttleReadBpsDevice", " rbps=", io.read_bps},
      {"blockIO.throttleWriteBpsDevice", " wbps=", io.write_bps},
      {"blockIO.throttleReadIOPSDevice", " riops=", io.read_iops},
      {"blockIO.throttleWriteIOPSDevice", " wiops=", io.write_iops}};
  for (const auto& [property, key, list] : rates) {
    for (const auto& each : list) {
      out.limit(property, "io.max",
                device_number(each.major, each.minor) + key + rate_text(each.rate), kWhyRate);
    }
  }
  return out;
}

Settings v2::hugetlb(const Asked& asked) {
  Settings out;
  for (const auto& each : asked.resources().hugepages) {
    const std::string prefix = "hugetlb." + page_size(each), bytes = std::to_string(each.limit);
    out.limit("hugepageLimits", prefix + ".max", bytes, kWhyHugepages);
    out.limit("hugepageLimits", prefix + ".rsvd.max", bytes,
              "said at mmap already, not by SIGBUS later", Missing::is_fine);
  }
  return out;
}

}  // namespace mydocker::cgroup
