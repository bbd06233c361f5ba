// The parts of `process` that say when it runs and on which processor: `scheduler`, `ioPriority`,
// `execCPUAffinity`.
#include "oci/config/sections.hpp"
#include "oci/config/words.hpp"

namespace mydocker::oci {
namespace {

void read_scheduler(const Value& scheduler, Process& out) {
  if (!scheduler.is_given()) return;
  Scheduler wanted;
  const auto policy = scheduler["policy"].required().one_of(kSchedulerPolicies);
  wanted.policy = policy.value_or(SCHED_NORMAL);
  for (const Value& flag : scheduler["flags"].elements())
    wanted.flags |= flag.one_of(kSchedulerFlags).value_or(0);
  scheduler["nice"].into(wanted.nice, {-20, 19});

  // sched_setattr(2) refuses what does not belong to the policy, and does not say what it was.
  const bool realtime = wanted.policy == SCHED_FIFO || wanted.policy == SCHED_RR;
  scheduler["priority"].into(wanted.priority, {0, 99});
  if (policy && realtime != (wanted.priority != 0))
    scheduler["priority"].refuse_place("SCHED_FIFO and SCHED_RR need 1 to 99, the others 0");
  for (const auto& [name, time] : {std::pair{"runtime", &wanted.runtime},
                                   {"deadline", &wanted.deadline},
                                   {"period", &wanted.period}}) {
    if (scheduler[name].into(*time) && *time != 0 && policy && *policy != SCHED_DEADLINE)
      scheduler[name].refuse("SCHED_DEADLINE alone has one");
  }
  out.scheduler = wanted;
}

void read_io_priority(const Value& priority, Process& out) {
  if (!priority.is_given()) return;
  IoPriority wanted;
  wanted.io_class = priority["class"].required().one_of(kIoClasses).value_or(0);
  priority["priority"].required().into(wanted.level, {0, 7});
  out.io_priority = wanted;
}

// Digits at the front of `list`, taken away from it.
std::optional<unsigned long> take_number(std::string_view& list) {
  unsigned long number = 0;
  std::size_t length = 0;
  // Seven digits are more than any kernel counts, and cannot overflow.
  for (; length < list.size() && length < 7 && list[length] >= '0' && list[length] <= '9'; ++length)
    number = number * 10 + static_cast<unsigned long>(list[length] - '0');
  list.remove_prefix(length);
  if (length == 0) return std::nullopt;
  return number;
}

bool is_list(std::string_view list) {
  for (;;) {
    const auto first = take_number(list);
    if (!first) return false;
    if (list.starts_with('-')) {
      list.remove_prefix(1);
      const auto last = take_number(list);
      if (!last || *last < *first) return false;
    }
    if (list.empty()) return true;
    if (!list.starts_with(',')) return false;
    list.remove_prefix(1);
  }
}

}  // namespace

void read_list(const Value& list, std::string& out) {
  if (list.into(out) && !out.empty() && !is_list(out))
    list.refuse("has to be a list of numbers and ranges as in 0-3,7");
}

void read_scheduling(const Value& process, Process& out) {
  read_scheduler(process["scheduler"], out);
  read_io_priority(process["ioPriority"], out);
  const Value affinity = process["execCPUAffinity"];
  read_list(affinity["initial"], out.initial_affinity);
  read_list(affinity["final"], out.final_affinity);
}

}  // namespace mydocker::oci
