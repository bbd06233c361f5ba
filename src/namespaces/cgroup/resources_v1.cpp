// The files of cgroup v1, see Documentation/admin-guide/cgroup-v1 of the kernel.
#include <cerrno>
#include <stdexcept>
#include <tuple>

#include "helpers/device_rules.hpp"
#include "namespaces/cgroup/resources.hpp"

namespace mydocker::cgroup {
namespace {

// Whether `wanted` is above what is set now; -1 and a missing limit are above everything.
bool is_above(std::int64_t wanted, std::optional<std::uint64_t> now) {
  return now && (wanted < 0 || static_cast<std::uint64_t>(wanted) > *now);
}

void memory_and_swap(const Asked& asked, Settings& out) {
  const MemoryResources& memory = asked.resources().memory;
  std::optional<std::int64_t> swap = memory.swap;
  // Memory may not have more than the two together.
  if (memory.limit == -1 && !swap) swap = -1;
  const auto write_swap = [&] {
    if (!swap) return;
    out.limit("memory.swap", "memory.memsw.limit_in_bytes", std::to_string(*swap), kWhySwap,
              missing_swap(asked));
  };
  const bool swap_first = memory.limit && is_above(*memory.limit, asked.now().memory_and_swap);
  if (swap_first) write_swap();
  if (memory.limit) {
    out.limit("memory.limit", "memory.limit_in_bytes", std::to_string(*memory.limit), kWhyMemory);
  }
  if (!swap_first) write_swap();
}

// Each intermediate state is checked against the limits above: a longer period comes first, a
// shorter one after the quota.
void quota_and_period(const CpuResources& cpu, const CgroupNow& now, Settings& out) {
  constexpr std::uint64_t kUsualPeriod = 100000;
  const auto write_period = [&] {
    if (!cpu.period) return;
    out.limit("cpu.period", "cpu.cfs_period_us", std::to_string(*cpu.period), kWhyQuota);
  };
  const bool is_longer = cpu.period && *cpu.period >= now.cpu_period.value_or(kUsualPeriod);
  if (is_longer) write_period();
  if (cpu.quota) out.limit("cpu.quota", "cpu.cfs_quota_us", std::to_string(*cpu.quota), kWhyQuota);
  if (!is_longer) write_period();
}

}  // namespace

Settings v1::memory(const Asked& asked) {
  const MemoryResources& memory = asked.resources().memory;
  Settings out;
  refuse_below_usage(asked);
  if (memory.use_hierarchy) {
    out.limit("memory.useHierarchy", "memory.use_hierarchy", *memory.use_hierarchy ? "1" : "0",
              "what runs in folders below is counted here too",
              *memory.use_hierarchy ? Missing::is_fine : Missing::is_an_error);
  }
  memory_and_swap(asked, out);
  if (memory.reservation) {
    out.limit("memory.reservation", "memory.soft_limit_in_bytes",
              std::to_string(*memory.reservation), kWhyReservation);
  }
  if (memory.kernel) {
    out.advice("memory.kernel", {{"memory.kmem.limit_in_bytes", std::to_string(*memory.kernel)}},
               "obsolete: memory.limit counts the kernel's memory too", "");
    if (*memory.kernel >= 0) {
      out.notices.emplace_back(
          "memory.kernel is obsolete: Linux 5.16 and newer keep to memory.limit alone");
    }
  }
  if (memory.kernel_tcp) {
    out.limit("memory.kernelTCP", "memory.kmem.tcp.limit_in_bytes",
              std::to_string(*memory.kernel_tcp), "buffers of sockets, and no more");
  }
  if (memory.swappiness) {
    out.limit("memory.swappiness", "memory.swappiness", std::to_string(*memory.swappiness),
              "how soon memory goes to swap");
  }
  if (memory.disable_oom_killer) {
    const bool off = *memory.disable_oom_killer;
    out.limit("memory.disableOOMKiller", "memory.oom_control", off ? "1" : "0",
              "at the limit: wait for memory, or be killed",
              off ? Missing::is_an_error : Missing::is_fine);
  }
  return out;
}

Settings v1::cpu(const Asked& asked) {
  const CpuResources& cpu = asked.resources().cpu;
  Settings out;
  const auto idle = [&] {
    if (!cpu.idle) return;
    out.advice("cpu.idle", {{"cpu.idle", std::to_string(*cpu.idle)}}, kWhyIdle,
               "cpu.idle has no effect: this kernel has no cpu.idle");
  };
  // An idle group takes no shares.
  if (cpu.idle == 0) idle();
  if (cpu.percent) {
    out.share("-C", "cpu.shares", std::to_string(*cpu.percent * 1024 / 100), kWhyShare);
  } else if (cpu.shares) {
    out.share("cpu.shares", "cpu.shares", std::to_string(*cpu.shares), kWhyShare);
  }
  if (cpu.idle != 0) idle();
  const auto burst = [&] {
    if (!cpu.burst) return;
    out.limit("cpu.burst", "cpu.cfs_burst_us", std::to_string(*cpu.burst), kWhyBurst);
  };
  const bool burst_first = bursts_first(asked);
  if (burst_first) burst();
  quota_and_period(cpu, asked.now(), out);
  if (!burst_first) burst();
  constexpr std::string_view kWhyRealtime = "realtime processes have none of it unless it is given";
  if (cpu.realtime_period) {
    out.limit("cpu.realtimePeriod", "cpu.rt_period_us", std::to_string(*cpu.realtime_period),
              kWhyRealtime);
  }
  if (cpu.realtime_runtime) {
    out.limit("cpu.realtimeRuntime", "cpu.rt_runtime_us", std::to_string(*cpu.realtime_runtime),
              kWhyRealtime);
  }
  return out;
}

Settings v1::cpuset(const Asked& asked) {
  const CpuResources& cpu = asked.resources().cpu;
  Settings out;
  constexpr std::string_view kWhy = "on these alone";
  if (!cpu.cpus.empty()) out.limit("cpu.cpus", "cpuset.cpus", cpu.cpus, kWhy);
  if (!cpu.mems.empty()) out.limit("cpu.mems", "cpuset.mems", cpu.mems, kWhy);
  return out;
}

Settings v1::pids(const Asked& asked) {
  Settings out;
  if (const auto& pids = asked.resources().pids) {
    out.limit("pids.limit", "pids.max", *pids < 0 ? "max" : std::to_string(*pids),
              "a fork bomb ends here, with EAGAIN");
  }
  return out;
}

Settings v1::blkio(const Asked& asked) {
  const BlockIoResources& io = asked.resources().block_io;
  Settings out;
  if (io.weight) {
    const std::string text = std::to_string(*io.weight);
    out.advice(weight_property(asked), {{"blkio.bfq.weight", text}, {"blkio.weight", text}},
               kWhyDisk, weight_warning(asked, out));
  }
  if (io.leaf_weight) {
    out.advice("blockIO.leafWeight", {{"blkio.leaf_weight", std::to_string(*io.leaf_weight)}},
               kWhyDisk, "blockIO.leafWeight" + std::string(kNoLeafWeight));
  }
  for (const auto& each : io.devices) {
    const std::string device = device_number(each.major, each.minor) + " ";
    if (each.weight) {
      const std::string text = device + std::to_string(*each.weight);
      out.advice("blockIO.weightDevice",
                 {{"blkio.bfq.weight_device", text}, {"blkio.weight_device", text}}, kWhyDisk,
                 "blockIO.weightDevice has no effect on " + device + "in this kernel");
    }
    if (each.leaf_weight) {
      out.advice("blockIO.weightDevice",
                 {{"blkio.leaf_weight_device", device + std::to_string(*each.leaf_weight)}},
                 kWhyDisk, "blockIO.weightDevice.leafWeight" + std::string(kNoLeafWeight));
    }
  }
  const std::tuple<const char*, const char*, const std::vector<DeviceRate>&> rates[] = {
      {"blockIO.throttleReadBpsDevice", "blkio.throttle.read_bps_device", io.read_bps},
      {"blockIO.throttleWriteBpsDevice", "blkio.throttle.write_bps_device", io.write_bps},
      {"blockIO.throttleReadIOPSDevice", "blkio.throttle.read_iops_device", io.read_iops},
      {"blockIO.throttleWriteIOPSDevice", "blkio.throttle.write_iops_device", io.write_iops}};
  for (const auto& [property, file, list] : rates) {
    for (const auto& each : list) {
      out.limit(property, file,
                device_number(each.major, each.minor) + " " + std::to_string(each.rate), kWhyRate);
    }
  }
  return out;
}

Settings v1::hugetlb(const Asked& asked) {
  Settings out;
  for (const auto& each : asked.resources().hugepages) {
    const std::string prefix = "hugetlb." + page_size(each), bytes = std::to_string(each.limit);
    out.limit("hugepageLimits", prefix + ".limit_in_bytes", bytes, kWhyHugepages);
    out.limit("hugepageLimits", prefix + ".rsvd.limit_in_bytes", bytes,
              "said at mmap already, not by SIGBUS later", Missing::is_fine);
  }
  return out;
}

Settings v1::net_cls(const Asked& asked) {
  Settings out;
  if (const auto& id = asked.resources().network.class_id) {
    out.limit("network.classID", "net_cls.classid", std::to_string(*id),
              "its packets carry this class, for tc(8) and iptables(8)");
  }
  return out;
}

Settings v1::net_prio(const Asked& asked) {
  Settings out;
  for (const auto& [name, priority] : asked.resources().network.priorities) {
    out.limit("network.priorities", "net_prio.ifpriomap", name + " " + std::to_string(priority),
              "its packets leave by this interface with that priority");
  }
  return out;
}

Settings v1::rdma(const Asked& asked) {
  Settings out;
  for (const auto& each : asked.resources().rdma) {
    std::string text = each.device;
    if (each.handles) text += " hca_handle=" + std::to_string(*each.handles);
    if (each.objects) text += " hca_object=" + std::to_string(*each.objects);
    out.limit("rdma", "rdma.max", std::move(text), "so much of this adapter, and no more");
  }
  return out;
}

Settings v1::devices(const Asked& asked) {
  Settings out;
  try {
    const DeviceTable table = device_table(with_default_devices(asked.resources().devices));
    const char* const rest = table.allows_rest ? "devices.allow" : "devices.deny";
    const char* const exceptions = table.allows_rest ? "devices.deny" : "devices.allow";
    if (table.is_complete) out.limit("devices", rest, "a", "as a rule, with these exceptions:");
    for (const auto& each : table.exceptions)
      out.limit("devices", exceptions, device_rule_text(each), "as the device rules say");
  } catch (const std::invalid_argument& error) {
    refuse("devices", EOPNOTSUPP, error.what());
  }
  return out;
}

}  // namespace mydocker::cgroup
