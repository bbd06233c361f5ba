// What the cgroup counted, and what a person or a program is told of it.
#include <csignal>

#include "helpers/names.hpp"
#include "helpers/numbers.hpp"
#include "helpers/text.hpp"
#include "mydocker/outcome.hpp"
#include "sys/files.hpp"

namespace mydocker {
namespace {

constexpr std::uint64_t kMicrosecond = 1000;

// The value behind `key` in a file of "key value" lines.
std::optional<std::uint64_t> keyed(const std::optional<std::string>& file, std::string_view key) {
  if (!file) return std::nullopt;
  for (const auto line : text::split(*file, '\n')) {
    const auto words = text::words(line);
    if (words.size() == 2 && words[0] == key) return numbers::parse(words[1]);
  }
  return std::nullopt;
}

std::optional<std::uint64_t> single(const std::optional<std::string>& file) {
  if (!file) return std::nullopt;
  const auto words = text::words(*file);
  return words.size() == 1 ? numbers::parse(words[0]) : std::nullopt;
}

std::optional<std::uint64_t> times(std::optional<std::uint64_t> value, std::uint64_t factor) {
  return value ? std::optional(*value * factor) : std::nullopt;
}

// A small JSON object, in the order of its additions.
class Object {
 public:
  void add(std::string_view key, const std::string& json) {
    if (body_.size() > 1) body_ += ", ";
    body_ += text::json_string(key) + ": " + json;
  }
  void add(std::string_view key, std::optional<std::uint64_t> number) {
    add(key, number ? std::to_string(*number) : std::string("null"));
  }
  [[nodiscard]] std::string text() const { return body_ + "}"; }

 private:
  std::string body_ = "{";
};

std::string seconds(std::uint64_t nanoseconds) {
  std::string fraction = std::to_string(nanoseconds % 1000000000);
  fraction.insert(0, 9 - fraction.size(), '0');
  return std::to_string(nanoseconds / 1000000000) + "." + fraction.substr(0, 6);
}

constexpr std::string_view kReasons[] = {"exit", "signal", "oom", "timeout"};

std::string memory_limit_text(const std::optional<CgroupRequest>& cgroup) {
  return cgroup && cgroup->resources.memory.limit
             ? "memory limit " +
                   numbers::size_text(
                       Bytes{static_cast<std::uint64_t>(*cgroup->resources.memory.limit)}) +
                   " reached"
             : std::string("the host ran out of memory");
}

}  // namespace

Usage read_usage(const CgroupLayout& layout, const std::string& path) {
  Usage usage;
  const auto file = [&](const CgroupHierarchy& hierarchy, std::string_view name) {
    return sys::try_read_file(cgroup_folder(hierarchy, path) + "/" + std::string(name));
  };
  if (const auto* const memory = layout.find("memory")) {
    const bool v2 = memory->version == 2;
    usage.memory_peak = single(file(*memory, v2 ? "memory.peak" : "memory.max_usage_in_bytes"));
    // v1: the truth is in oom_control; failcnt counts reclaim too.
    usage.oom_kills = keyed(file(*memory, v2 ? "memory.events" : "memory.oom_control"), "oom_kill");
  }
  if (const auto* const pids = layout.find("pids")) {
    usage.pids_peak = single(file(*pids, "pids.peak"));
    usage.pids_refused = keyed(file(*pids, "pids.events"), "max");
  }
  if (const auto* const cpu = layout.find("cpu")) {
    const auto stat = file(*cpu, "cpu.stat");
    usage.throttled_periods = keyed(stat, "nr_throttled");
    if (cpu->version == 2) {
      usage.cpu_nanoseconds = times(keyed(stat, "usage_usec"), kMicrosecond);
      usage.throttled_nanoseconds = times(keyed(stat, "throttled_usec"), kMicrosecond);
    } else {
      usage.throttled_nanoseconds = keyed(stat, "throttled_time");
    }
  }
  if (const auto* const cpuacct = layout.find("cpuacct"))
    usage.cpu_nanoseconds = single(file(*cpuacct, "cpuacct.usage"));
  return usage;
}

void apply_usage(Outcome& outcome, const Usage& usage) {
  const bool was_killed =
      outcome.reason == Reason::signal && outcome.signal == SIGKILL && !outcome.killed_by_us;
  if (was_killed && usage.oom_kills.value_or(0) > 0) outcome.reason = Reason::oom;
}

std::vector<std::string> closing_lines(const Outcome& outcome, const Usage& usage,
                                       const std::optional<CgroupRequest>& cgroup) {
  std::vector<std::string> out;
  std::uint64_t kills = usage.oom_kills.value_or(0);
  if (outcome.reason == Reason::oom) {
    out.push_back("killed: " + memory_limit_text(cgroup));
    if (kills > 0) --kills;
  }
  if (kills > 0) {
    out.push_back(std::to_string(kills) + (kills == 1 ? " process" : " processes") +
                  " of the container killed: " + memory_limit_text(cgroup));
  }
  if (const auto refused = usage.pids_refused.value_or(0);
      refused > 0 && cgroup && cgroup->resources.pids) {
    out.push_back("pids limit " + std::to_string(*cgroup->resources.pids) + " reached: " +
                  std::to_string(refused) + (refused == 1 ? " fork" : " forks") + " refused");
  }
  if (const auto refused = usage.egress_refused.value_or(0); refused > 0) {
    out.push_back(std::to_string(refused) + (refused == 1 ? " packet" : " packets") +
                  " refused, to whom --egress does not list");
  }
  if (outcome.reason == Reason::timeout) out.emplace_back("killed: the time of --timeout is over");
  return out;
}

std::string report_json(const ContainerSpec& spec, const Outcome& outcome, const Usage& usage) {
  Object out;
  out.add("id", text::json_string(spec.id));
  out.add("reason", text::json_string(kReasons[static_cast<std::size_t>(outcome.reason)]));
  out.add("status", std::to_string(outcome.status));
  out.add("signal", outcome.signal != 0 ? text::json_string(names::signal(outcome.signal))
                                        : std::string("null"));
  out.add("wall_seconds", seconds(outcome.wall_nanoseconds));
  out.add("cpu_seconds", seconds(usage.cpu_nanoseconds.value_or(outcome.cpu_nanoseconds)));
  out.add("memory_peak_bytes", usage.memory_peak);
  out.add("oom_kills", usage.oom_kills);
  out.add("pids_peak", usage.pids_peak);
  out.add("pids_refused", usage.pids_refused);
  out.add("throttled_periods", usage.throttled_periods);
  out.add("throttled_seconds", usage.throttled_nanoseconds ? seconds(*usage.throttled_nanoseconds)
                                                           : std::string("null"));
  out.add("egress_refused", usage.egress_refused);
  return out.text() + "\n";
}

std::string failure_json(const ContainerSpec& spec, const std::string& message, int status) {
  Object out;
  out.add("id", text::json_string(spec.id));
  out.add("reason", text::json_string("error"));
  out.add("status", std::to_string(status));
  out.add("error", text::json_string(message));
  return out.text() + "\n";
}

}  // namespace mydocker
