// events: what a container uses, again and again, and when it ran out of memory, a JSON line each.
#include <poll.h>
#include <unistd.h>

#include <csignal>

#include "helpers/numbers.hpp"
#include "helpers/text.hpp"
#include "mydocker/error.hpp"
#include "oci/stats.hpp"
#include "oci/store.hpp"
#include "oci/verbs.hpp"
#include "sys/cgroups.hpp"
#include "sys/files.hpp"
#include "sys/oom_watch.hpp"
#include "sys/processes.hpp"

namespace mydocker::oci {
namespace {

constexpr Flag kFlags[] = {{"interval", 0, true, "DURATION between two lines, as 5s (the default)"},
                           {"stats", 0, false, "one line, and end"}};

// A duration as Go writes it: "500ms", "5s", "1m", "1h".
int milliseconds_of(const std::string& text) {
  static constexpr std::pair<std::string_view, int> kUnits[] = {
      {"ms", 1}, {"s", 1000}, {"m", 60000}, {"h", 3600000}};
  for (const auto& [unit, factor] : kUnits) {
    if (!text.ends_with(unit)) continue;
    const auto number =
        numbers::parse(std::string_view(text).substr(0, text.size() - unit.size()), 100000);
    if (number && *number > 0) return static_cast<int>(*number) * factor;
  }
  throw UsageError("--interval " + text::quoted(text) + ": allowed are durations as 500ms, 5s, 1m");
}

class Stream {
 public:
  Stream(const Container& container, std::string id, std::string path)
      : init_(container.open_init()),
        id_(std::move(id)),
        path_(std::move(path)),
        layout_(sys::read_cgroup_layout()) {
    if (!init_) throw Failure("container not running: " + text::quoted(id_));
  }

  void stats() const {
    sys::write_all(STDOUT_FILENO, stats_json(id_, read_stats(layout_, path_)));
  }

  // Until the container's first process has ended.
  void follow(int interval) {
    sys::OomWatch memory(layout_, path_);
    std::uint64_t told = memory.count();
    for (;;) {
      pollfd watched[] = {{init_.get(), POLLIN, 0}, {memory.fd(), POLLIN, 0}};
      const int ready = ::poll(watched, 2, interval);
      if (watched[1].revents != 0) {
        for (const auto now = memory.count(); told < now; ++told)
          sys::write_all(STDOUT_FILENO, oom_json(id_));
      }
      if (watched[0].revents != 0) return;
      if (ready == 0) stats();
    }
  }

 private:
  UniqueFd init_;
  std::string id_, path_;
  CgroupLayout layout_;
};

int events(const Surroundings& around, const Arguments& arguments) {
  const std::string& id = arguments.words.front();
  const Container container = Store(around.global.root).open(id);
  const State state = container.read_state();
  if (state.cgroups.empty()) throw Failure("the container has no cgroup, so nothing is counted");
  Stream stream(container, id, state.cgroups.front().path);
  if (arguments.is_on("stats"))
    stream.stats();
  else
    stream.follow(milliseconds_of(arguments.value_or("interval", "5s")));
  return 0;
}

}  // namespace

const Verb events_verb{"events", "Tells what a container uses, and when it runs out of memory.",
                       kFlags, Rest::flags_too, 1, 1, "ID", events};

}  // namespace mydocker::oci
