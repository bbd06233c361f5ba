#include "helpers/text.hpp"
#include "oci/stats.hpp"

namespace mydocker::oci {
namespace {

// A JSON object, in the order of its additions. What this host does not tell is left out.
class Object {
 public:
  Object& add(std::string_view key, const std::string& json) {
    if (body_.size() > 1) body_ += ',';
    body_ += text::json_string(key) + ":" + json;
    return *this;
  }
  Object& add(std::string_view key, std::uint64_t number) {
    return add(key, std::to_string(number));
  }
  Object& add(std::string_view key, const std::optional<Pressure>& pressure) {
    if (!pressure) return *this;
    return add(key,
               Object().add("some", line(pressure->some)).add("full", line(pressure->full)).text());
  }
  Object& add_some(std::string_view key, const std::vector<std::uint64_t>& numbers) {
    if (numbers.empty()) return *this;
    std::vector<std::string> words;
    for (const auto number : numbers) words.push_back(std::to_string(number));
    return add(key, "[" + text::join(words, ",") + "]");
  }
  [[nodiscard]] std::string text() const { return body_ + "}"; }

 private:
  static std::string line(const Pressure::Line& line) {
    const auto or_zero = [](const std::string& number) { return number.empty() ? "0" : number; };
    return Object()
        .add("avg10", or_zero(line.avg10))
        .add("avg60", or_zero(line.avg60))
        .add("avg300", or_zero(line.avg300))
        .add("total", or_zero(line.total))
        .text();
  }
  std::string body_ = "{";
};

std::string table(const std::map<std::string, std::uint64_t>& numbers) {
  Object out;
  for (const auto& [key, number] : numbers) out.add(key, number);
  return out.text();
}

std::string entry(const MemoryEntry& entry) {
  return Object()
      .add("limit", entry.limit)
      .add("usage", entry.usage)
      .add("max", entry.max)
      .add("failcnt", entry.failcnt)
      .text();
}

std::string cpu(const CgroupStats& stats) {
  const CpuStats& cpu = stats.cpu;
  const std::string usage = Object()
                                .add("total", cpu.total)
                                .add_some("percpu", cpu.percpu)
                                .add_some("percpu_kernel", cpu.percpu_kernel)
                                .add_some("percpu_user", cpu.percpu_user)
                                .add("kernel", cpu.kernel)
                                .add("user", cpu.user)
                                .text();
  const std::string throttling = Object()
                                     .add("periods", cpu.periods)
                                     .add("throttledPeriods", cpu.throttled_periods)
                                     .add("throttledTime", cpu.throttled_time)
                                     .text();
  return Object()
      .add("usage", usage)
      .add("throttling", throttling)
      .add("psi", stats.cpu_pressure)
      .text();
}

std::string memory(const CgroupStats& stats) {
  const MemoryStats& memory = stats.memory;
  Object out;
  out.add("cache", memory.cache)
      .add("usage", entry(memory.usage))
      .add("swap", entry(memory.swap))
      .add("kernel", entry(memory.kernel))
      .add("kernelTCP", entry(memory.kernel_tcp))
      .add("raw", table(memory.raw))
      .add("psi", stats.memory_pressure);
  if (!memory.events.empty()) out.add("event_count", table(memory.events));
  return out.text();
}

std::string blkio(const CgroupStats& stats) {
  Object out;
  for (const auto& [name, entries] : stats.blkio) {
    std::vector<std::string> list;
    for (const auto& each : entries) {
      list.push_back(Object()
                         .add("major", each.major)
                         .add("minor", each.minor)
                         .add("op", text::json_string(each.op))
                         .add("value", each.value)
                         .text());
    }
    out.add(name, "[" + text::join(list, ",") + "]");
  }
  return out.add("psi", stats.io_pressure).text();
}

std::string hugetlb(const CgroupStats& stats) {
  Object out;
  for (const auto& [size, each] : stats.hugetlb) {
    out.add(
        size,
        Object().add("usage", each.usage).add("max", each.max).add("failcnt", each.failcnt).text());
  }
  return out.text();
}

}  // namespace

std::string stats_json(const std::string& id, const CgroupStats& stats) {
  const std::string data =
      Object()
          .add("cpu", cpu(stats))
          .add("memory", memory(stats))
          .add("pids", Object().add("current", stats.pids).add("limit", stats.pids_limit).text())
          .add("blkio", blkio(stats))
          .add("hugetlb", hugetlb(stats))
          .add("intel_rdt", std::string("{}"))
          .add("network_interfaces", std::string("[]"))
          .text();
  return Object()
             .add("type", text::json_string("stats"))
             .add("id", text::json_string(id))
             .add("data", data)
             .text() +
         "\n";
}

std::string oom_json(const std::string& id) {
  return Object().add("type", text::json_string("oom")).add("id", text::json_string(id)).text() +
         "\n";
}

}  // namespace mydocker::oci
