// stats: what containers use, again and again: a table on a terminal, else a line of JSON each time.
#include <time.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <map>
#include <nlohmann/json.hpp>

#include "helpers/text.hpp"
#include "life/processes.hpp"
#include "life/verbs.hpp"
#include "mydocker/error.hpp"
#include "oci/stats.hpp"
#include "sys/cgroups.hpp"
#include "sys/processes.hpp"

namespace mydocker::life {
namespace {

using Json = nlohmann::ordered_json;

constexpr oci::Flag kFlags[] = {{"no-stream", 0, false, "once, and end"}};

struct Use {
  std::string id;
  std::uint64_t at = 0, cpu = 0;                                                   // nanoseconds
  std::uint64_t memory = 0, memory_limit = 0, processes = 0, processes_limit = 0;  // limit 0: none
  bool is_counted = false;  // by its cgroup; else the sum of its processes that live
};

Use use_of(const Call& call, const Container& container) {
  Use out{.id = container.id, .at = sys::monotonic_time()};
  const auto pids = processes_of(call.places, container);
  out.processes = pids.size();
  if (!container.cgroups.empty()) {
    const auto stats = oci::read_stats(sys::read_cgroup_layout(), container.cgroup);
    // What has no limit has the largest number that fits.
    constexpr std::uint64_t kNoLimit = std::uint64_t{1} << 60;
    const std::uint64_t limit = stats.memory.usage.limit;
    out.memory = stats.memory.usage.usage;
    out.memory_limit = limit < kNoLimit ? limit : 0;
    out.processes_limit = stats.pids_limit;
    out.cpu = stats.cpu.total;
    out.is_counted = out.cpu != 0 || out.memory != 0;
  }
  if (out.cpu != 0 && out.memory != 0) return out;
  // A controller that it has no folder of counts nothing.
  std::uint64_t cpu = 0, memory = 0;
  for (const pid_t pid : pids) {
    const auto facts = facts_of(pid);
    cpu += facts ? facts->cpu : 0;
    memory += facts ? facts->memory : 0;
  }
  if (out.cpu == 0) out.cpu = cpu;
  if (out.memory == 0) out.memory = memory;
  return out;
}

std::vector<Use> uses(const Call& call) {
  std::vector<Use> out;
  if (call.ids().empty()) {
    for (const auto& container : all(call.places, false)) {
      if (container.pid != 0) out.push_back(use_of(call, container));
    }
    return out;
  }
  for (const auto& id : call.ids()) {
    const auto container = try_find(call.places, id);
    if (container && container->pid != 0) out.push_back(use_of(call, *container));
  }
  return out;
}

// Percent of one processor since the last look.
double load_of(const Use& use, const std::map<std::string, Use>& before) {
  const auto found = before.find(use.id);
  if (found == before.end() || use.at <= found->second.at || use.cpu < found->second.cpu) return 0;
  return 100.0 * static_cast<double>(use.cpu - found->second.cpu) /
         static_cast<double>(use.at - found->second.at);
}

std::string number(double value, const char* unit) {
  char out[64];
  std::snprintf(out, sizeof out, "%.1f %s", value, unit);
  return out;
}

std::string size(std::uint64_t bytes) {
  constexpr double kMega = 1U << 20;
  return bytes == 0 ? "-" : number(static_cast<double>(bytes) / kMega, "MiB");
}

std::string as_table(const std::vector<Use>& all, const std::map<std::string, Use>& before) {
  std::vector<std::vector<std::string>> lines{
      {"ID", "CPU", "MEMORY", "LIMIT", "PROCESSES", "LIMIT"}};
  for (const auto& use : all) {
    lines.push_back({use.id, number(load_of(use, before), "%"), size(use.memory),
                     size(use.memory_limit), std::to_string(use.processes),
                     use.processes_limit == 0 ? "-" : std::to_string(use.processes_limit)});
  }
  return table(lines);
}

std::string as_json(const std::vector<Use>& all, const std::map<std::string, Use>& before) {
  Json out = Json::array();
  for (const auto& use : all) {
    out.push_back({{"id", use.id},
                   {"cpu_nanoseconds", use.cpu},
                   {"cpu_percent", load_of(use, before)},
                   {"memory_bytes", use.memory},
                   {"memory_limit_bytes", use.memory_limit},
                   {"processes", use.processes},
                   {"processes_limit", use.processes_limit},
                   {"by_cgroup", use.is_counted}});
  }
  return out.dump() + "\n";
}

void sleep_a_second() {
  const timespec second{1, 0};
  (void)::nanosleep(&second, nullptr);
}

int stats(const Call& call) {
  for (const auto& id : call.ids()) (void)find(call.places, id);
  const bool is_live = ::isatty(STDOUT_FILENO) == 1, is_once = call.arguments.is_on("no-stream");
  std::map<std::string, Use> before;
  for (;;) {
    const auto now = uses(call);
    // A load wants two looks: a person who asks once waits for the second one.
    const bool is_first = before.empty() && is_live && !now.empty();
    if (!is_first) {
      if (is_live && !is_once) print("\033[H\033[J");
      print(is_live ? as_table(now, before) : as_json(now, before));
      if (is_once || (!call.ids().empty() && now.empty())) return 0;
    }
    before.clear();
    for (const auto& use : now) before[use.id] = use;
    sleep_a_second();
  }
}

}  // namespace

const Verb stats_verb{"stats",   "Shows what containers use: a table on a terminal, else JSON.",
                      kFlags,    oci::Rest::flags_too,
                      0,         kAny,
                      "[ID...]", stats};

}  // namespace mydocker::life
