// `linux.resources`, but for its longest part, block_io.cpp.
//
// A limit of 0 that the kernel would not take (or that nobody could live with) is one that was not
// given: engines written in Go fill such fields with it, and runc has always read it so.
#include <algorithm>

#include "oci/config/sections.hpp"
#include "oci/config/words.hpp"

namespace mydocker::oci {
namespace {

constexpr Range kLimits{-1, INT64_MAX};

template <class T>
void into_unless_zero(const Value& value, std::optional<T>& out, Range range) {
  if (value.into(out, range) && *out == 0) out.reset();
}

void read_memory(const Value& memory, MemoryResources& out) {
  into_unless_zero(memory["limit"], out.limit, kLimits);
  into_unless_zero(memory["reservation"], out.reservation, kLimits);
  into_unless_zero(memory["swap"], out.swap, kLimits);
  into_unless_zero(memory["kernel"], out.kernel, kLimits);
  into_unless_zero(memory["kernelTCP"], out.kernel_tcp, kLimits);
  memory["swappiness"].into(out.swappiness, {0, 100});
  memory["disableOOMKiller"].into(out.disable_oom_killer);
  memory["useHierarchy"].into(out.use_hierarchy);
  memory["checkBeforeUpdate"].into(out.check_before_update);
  if (out.limit && out.swap && *out.swap > 0 && (*out.limit < 0 || *out.swap < *out.limit))
    memory["swap"].refuse("is memory and swap together: at least memory.limit, or -1");
}

void read_cpu(const Value& cpu, CpuResources& out) {
  // What the kernel takes, see Documentation/scheduler/sched-bwc.rst.
  constexpr Range kPeriods{0, 1000000};
  constexpr std::int64_t kLeast = 1000;
  into_unless_zero(cpu["shares"], out.shares, {});
  into_unless_zero(cpu["quota"], out.quota, kLimits);
  into_unless_zero(cpu["period"], out.period, kPeriods);
  if (out.quota && *out.quota > 0 && *out.quota < kLeast)
    cpu["quota"].refuse("allowed are -1, and 1000 microseconds or more");
  if (out.period && *out.period < std::uint64_t{kLeast})
    cpu["period"].refuse("allowed are 1000 to 1000000 microseconds");
  cpu["burst"].into(out.burst);
  if (out.burst && out.quota && *out.quota > 0 &&
      *out.burst > static_cast<std::uint64_t>(*out.quota))
    cpu["burst"].refuse("above the quota, " + std::to_string(*out.quota));
  into_unless_zero(cpu["realtimeRuntime"], out.realtime_runtime, kLimits);
  into_unless_zero(cpu["realtimePeriod"], out.realtime_period, {});
  read_list(cpu["cpus"], out.cpus);
  read_list(cpu["mems"], out.mems);
  cpu["idle"].into(out.idle, {0, 1});
}

// "64KB", "2MB", "1GB": part of a file's name.
bool is_page_size(std::string_view size) {
  const auto digits = std::min(size.find_first_not_of("0123456789"), size.size());
  const std::string_view unit = size.substr(digits);
  return digits > 0 && (unit == "B" || unit == "KB" || unit == "MB" || unit == "GB");
}

void read_hugepages(const Value& limits, std::vector<HugepageLimit>& out) {
  for (const Value& each : limits.elements()) {
    HugepageLimit limit;
    const Value size = each["pageSize"].required();
    if (size.into(limit.page_size) && !is_page_size(limit.page_size))
      size.refuse("has to be a size as in 64KB, 2MB, 1GB");
    each["limit"].required().into(limit.limit);
    out.push_back(std::move(limit));
  }
}

void read_network(const Value& network, NetworkResources& out) {
  network["classID"].into(out.class_id);
  for (const Value& each : network["priorities"].elements()) {
    std::pair<std::string, std::uint32_t> priority;
    each["name"].required().into(priority.first);
    each["priority"].required().into(priority.second);
    out.priorities.push_back(std::move(priority));
  }
}

void read_rdma(const Value& rdma, std::vector<RdmaLimit>& out) {
  for (const auto& [device, value] : rdma.members()) {
    RdmaLimit limit{std::string(device), {}, {}};
    value["hcaHandles"].into(limit.handles);
    value["hcaObjects"].into(limit.objects);
    if (!limit.handles && !limit.objects) value.refuse_place("needs hcaHandles or hcaObjects");
    out.push_back(std::move(limit));
  }
}

void read_device_rules(const Value& rules, std::vector<DeviceRule>& out) {
  constexpr Word<char> kTypes[] = {{"a", 'a'}, {"b", 'b'}, {"c", 'c'}, {"", 'a'}};
  for (const Value& each : rules.elements()) {
    DeviceRule rule;
    each["allow"].required().into(rule.allow);
    rule.type = each["type"].one_of(kTypes).value_or('a');
    // -1 says "any", as leaving it out does.
    for (const auto& [name, number] : {std::pair{"major", &rule.major}, {"minor", &rule.minor}}) {
      if (each[name].into(*number, kLimits) && **number < 0) number->reset();
    }
    std::string access;
    if (each["access"].into(access) && !access.empty()) {
      if (access.find_first_not_of("rwm") != std::string::npos)
        each["access"].refuse("allowed are the letters r, w, m");
      rule.access = std::move(access);
    }
    out.push_back(std::move(rule));
  }
}

void read_unified(const Value& unified, Resources& out) {
  for (const auto& [file, value] : unified.members()) {
    if (file.empty() || file == "." || file == ".." || file.find('/') != std::string_view::npos)
      value.refuse_place("has to name a file of the cgroup's folder");
    std::string text;
    if (value.into(text)) out.unified.emplace_back(file, std::move(text));
  }
}

}  // namespace

Resources read_resources(const Value& resources, ZeroPids zero_pids) {
  Resources out;
  read_memory(resources["memory"], out.memory);
  read_cpu(resources["cpu"], out.cpu);
  const Value pids = resources["pids"]["limit"];
  if (zero_pids == ZeroPids::is_a_limit)
    pids.into(out.pids, kLimits);
  else
    into_unless_zero(pids, out.pids, kLimits);
  read_block_io(resources["blockIO"], out.block_io);
  read_hugepages(resources["hugepageLimits"], out.hugepages);
  read_network(resources["network"], out.network);
  read_rdma(resources["rdma"], out.rdma);
  read_device_rules(resources["devices"], out.devices);
  read_unified(resources["unified"], out);
  return out;
}

}  // namespace mydocker::oci
