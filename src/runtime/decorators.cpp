#include "runtime/decorators.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <string_view>

#include "helpers/text.hpp"
#include "plan/printing.hpp"
#include "sys/files.hpp"
#include "sys/processes.hpp"

namespace mydocker {
namespace {

bool is_in(const Step& step, const std::vector<Step>& steps) {
  return !steps.empty() && &step >= &steps.front() && &step <= &steps.back();
}

std::string microseconds(std::uint64_t nanoseconds) {
  const std::string tenths = std::to_string(nanoseconds / 100);
  return tenths.size() == 1 ? "0." + tenths
                            : tenths.substr(0, tenths.size() - 1) + "." + tenths.back();
}

// What takes the host time without being a step.
constexpr std::string_view kCloned = "clone3", kReady = "ready";

struct Row {
  std::string_view place, stage;
  std::uint64_t nanoseconds;
};

void add(std::vector<Row>& rows, std::string_view place, std::string_view stage,
         std::uint64_t nanoseconds) {
  const auto same = std::find_if(rows.begin(), rows.end(), [&](const Row& row) {
    return row.place == place && row.stage == stage;
  });
  if (same == rows.end())
    rows.push_back({place, stage, nanoseconds});
  else
    same->nanoseconds += nanoseconds;
}

}  // namespace

NarratingExecutor::NarratingExecutor(Executor& inner, const Plan& plan, bool json)
    : inner_(inner),
      plan_(plan),
      json_(json),
      output_(::fcntl(STDERR_FILENO, F_DUPFD_CLOEXEC, 3)) {}

void NarratingExecutor::say(const std::string& text) {
  try {
    sys::write_all(output_.get(), text);
  } catch (const std::system_error&) {
    // Nobody listens; the container does not depend on it.
  }
}

void NarratingExecutor::perform(const Step& step) {
  const Place place = is_in(step, plan_.enter) ? Place::child : Place::host;
  const auto tell = [&](const Step& told) {
    say(json_ ? step_json(told, place) + "\n" : step_text(told, place, true));
  };
  if (!filtered_) tell(step);
  if (std::holds_alternative<LoadSeccomp>(step.action)) {
    // Between the filter and execve nothing may run: what follows is told now.
    for (const Step* next = &step + 1; next <= &plan_.enter.back(); ++next) tell(*next);
    filtered_ = true;
  }
  inner_.perform(step);
  if (&step == &plan_.prepare.back())
    say(json_ ? clone_json(plan_) + "\n" : clone_text(plan_, true));
}

TimingExecutor::TimingExecutor(Executor& inner, const Plan& plan, SharedPage& page)
    : inner_(inner), plan_(plan), page_(page), last_(sys::monotonic_time()) {}

void TimingExecutor::perform(const Step& step) {
  const bool in_child = is_in(step, plan_.enter);
  if (in_child && page_.steps == 0) page_.step_end[0] = sys::monotonic_time();  // Go has come
  if (!in_child && &step == plan_.attach.data()) host_.push_back({kCloned, sys::monotonic_time()});
  if (!in_child && &step == plan_.finish.data()) host_.push_back({kReady, sys::monotonic_time()});
  // Noted before: the last step, execve, does not return.
  if (in_child && page_.steps + 1 < SharedPage::kMostSteps) page_.steps = page_.steps + 1;
  inner_.perform(step);
  if (in_child)
    page_.step_end[page_.steps] = sys::monotonic_time();
  else
    host_.push_back({step.stage, sys::monotonic_time()});
}

std::string TimingExecutor::table(bool json) const {
  std::vector<Row> rows;
  std::uint64_t last = last_, before_go = last_;
  for (const auto& [what, end] : host_) {
    if (what == kReady) before_go = last;
    add(rows, "host", what, end - last);
    last = end;
  }
  if (plan_.finish.empty()) before_go = last;
  if (page_.steps > 0) {
    add(rows, "host", "go", page_.step_end[0] - before_go);
    for (std::uint32_t i = 0; i < page_.steps && i < plan_.enter.size(); ++i) {
      const std::uint64_t end = page_.step_end[i + 1];
      if (end != 0) add(rows, "child", plan_.enter[i].stage, end - page_.step_end[i]);
    }
  }
  std::string out = json ? "[" : "";
  for (const auto& row : rows) {
    const std::string time = microseconds(row.nanoseconds);
    if (json) {
      out += (out.size() > 1 ? ", " : "") + ("{\"where\": " + text::json_string(row.place)) +
             ", \"stage\": " + text::json_string(row.stage) + ", \"microseconds\": " + time + "}";
    } else {
      std::string left = std::string(row.place) + " " + std::string(row.stage);
      left.resize(std::max<std::size_t>(left.size(), 24), ' ');
      out += left + std::string(time.size() < 10 ? 10 - time.size() : 0, ' ') + time + " us\n";
    }
  }
  return out + (json ? "]\n" : "");
}

}  // namespace mydocker
