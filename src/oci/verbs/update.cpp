// update: other limits for a container that runs.
#include <unistd.h>

#include "helpers/numbers.hpp"
#include "helpers/text.hpp"
#include "mydocker/error.hpp"
#include "namespaces/cgroup/cgroup_stage.hpp"
#include "namespaces/cgroup/systemd_driver.hpp"
#include "oci/launch.hpp"
#include "oci/lifecycle.hpp"
#include "sys/files.hpp"
#include "sys/systemd.hpp"

namespace mydocker::oci {
namespace {

constexpr Flag kFlags[] = {
    {"resources", 'r', true, "FILE: linux.resources as JSON; '-' is standard input"},
    {"memory", 0, true, "BYTES, or with k, m, g; -1: no limit"},
    {"memory-reservation", 0, true, "BYTES"},
    {"memory-swap", 0, true, "BYTES: memory and swap together; -1: no limit"},
    {"kernel-memory", 0, true, "BYTES: where the kernel still has it"},
    {"kernel-memory-tcp", 0, true, "BYTES"},
    {"cpu-share", 0, true, "SHARES: 1024 is the default"},
    {"cpu-quota", 0, true, "MICROSECONDS a period; -1: no limit"},
    {"cpu-period", 0, true, "MICROSECONDS"},
    {"cpu-burst", 0, true, "MICROSECONDS"},
    {"cpu-idle", 0, true, "1: runs when nobody else wants to"},
    {"cpu-rt-period", 0, true, "MICROSECONDS"},
    {"cpu-rt-runtime", 0, true, "MICROSECONDS"},
    {"cpuset-cpus", 0, true, "LIST: processors"},
    {"cpuset-mems", 0, true, "LIST: memory nodes"},
    {"pids-limit", 0, true, "NUMBER of processes; -1: no limit"},
    {"blkio-weight", 0, true, "WEIGHT: 10 to 1000"},
    {"l3-cache-schema", 0, true, "refused: change the group below /sys/fs/resctrl"},
    {"mem-bw-schema", 0, true, "refused: change the group below /sys/fs/resctrl"},
};

// "-1", or a size as people write it.
std::int64_t size_of(std::string_view flag, const std::string& text) {
  if (text == "-1") return -1;
  const auto size = numbers::parse_size(text);
  if (!size || size->count > INT64_MAX) {
    throw UsageError("--" + std::string(flag) + " " + text::quoted(text) +
                     ": allowed are -1 and sizes in bytes or with k, m, g");
  }
  return static_cast<std::int64_t>(size->count);
}

class Given {
 public:
  explicit Given(const Arguments& arguments) : arguments_(arguments) {}

  template <class Number>
  void into(std::string_view flag, std::optional<Number>& out) const {
    if (const auto text = arguments_.value(flag))
      out = static_cast<Number>(size_of(flag, *text));
  }

 private:
  const Arguments& arguments_;
};

Resources from_flags(const Arguments& arguments) {
  Resources out;
  const Given given(arguments);
  given.into("memory", out.memory.limit);
  given.into("memory-reservation", out.memory.reservation);
  given.into("memory-swap", out.memory.swap);
  given.into("kernel-memory", out.memory.kernel);
  given.into("kernel-memory-tcp", out.memory.kernel_tcp);
  given.into("cpu-share", out.cpu.shares);
  given.into("cpu-quota", out.cpu.quota);
  given.into("cpu-period", out.cpu.period);
  given.into("cpu-burst", out.cpu.burst);
  given.into("cpu-idle", out.cpu.idle);
  given.into("cpu-rt-period", out.cpu.realtime_period);
  given.into("cpu-rt-runtime", out.cpu.realtime_runtime);
  given.into("pids-limit", out.pids);
  given.into("blkio-weight", out.block_io.weight);
  out.cpu.cpus = arguments.value_or("cpuset-cpus", "");
  out.cpu.mems = arguments.value_or("cpuset-mems", "");
  return out;
}

Resources asked(const Arguments& arguments) {
  if (arguments.value("l3-cache-schema") || arguments.value("mem-bw-schema"))
    throw UsageError("--l3-cache-schema, --mem-bw-schema: change the group below /sys/fs/resctrl");
  const auto file = arguments.value("resources");
  if (!file) return from_flags(arguments);
  constexpr std::size_t kMost = 1U << 20;
  try {
    return load_resources(*file == "-" ? sys::read_all(STDIN_FILENO, kMost)
                                       : sys::read_file(*file));
  } catch (const std::system_error& error) {
    throw SetupError("oci", "read the resources " + text::quoted(*file), error.code().value(), "");
  }
}

void tell_systemd(const std::string& unit, const StagePlan& plan) {
  const UnitProperties properties = cgroup::unit_properties(plan.prepare);
  if (properties.empty()) return;
  try {
    sys::set_unit_properties(sys::own_systemd(), unit, properties);
  } catch (const sys::SystemdError& error) {
    throw SetupError("cgroup", "change the unit " + unit + ": " + error.what(), 0, error.hint());
  }
}

int update(const Surroundings& around, const Arguments& arguments) {
  const std::string& id = arguments.words.front();
  const Container container = Store(around.global.root).open(id);
  const UniqueFd lock = container.lock();
  if (container.status() == Status::stopped)
    throw Failure("cannot update a stopped container: container not running: " + text::quoted(id));
  const State state = container.read_state();
  if (state.cgroups.empty()) throw Failure("the container has no cgroup, so nothing limits it");

  ContainerSpec spec;
  spec.lifetime = Lifetime::its_own;
  spec.cgroup.emplace();
  spec.cgroup->path = state.cgroups.front().path;
  spec.cgroup->every_hierarchy = true;
  spec.cgroup->resources = asked(arguments);
  const StagePlan plan = cgroup::plan_update(*spec.cgroup, read_host_facts(spec));
  // First systemd, whose numbers are coarser: the cgroup's own files have the last word.
  if (!state.systemd_unit.empty()) tell_systemd(state.systemd_unit, plan);
  Context context;
  LinuxExecutor executor(context);
  for (const auto& step : plan.prepare) executor.perform(step);
  for (const auto& notice : plan.notices) around.log.warning(notice);
  for (const auto& warning : context.warnings) around.log.warning(warning);
  return 0;
}

}  // namespace

const Verb update_verb{"update", "Gives a container other limits.", kFlags, Rest::flags_too, 1, 1,
                       "ID", update};

}  // namespace mydocker::oci
