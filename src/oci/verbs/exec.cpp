// exec: one more process in a running container. Towards a hostile container it is careful: it runs
// from a sealed copy in memory, cannot be traced, and has no descriptor of the host open inside.
#include <sys/prctl.h>

#include "helpers/text.hpp"
#include "mydocker/error.hpp"
#include "oci/join.hpp"
#include "oci/launch.hpp"
#include "oci/lifecycle.hpp"
#include "oci/process_flags.hpp"
#include "oci/seccomp_listener.hpp"
#include "sys/cgroup_tasks.hpp"
#include "sys/cgroups.hpp"
#include "sys/check.hpp"
#include "sys/descriptors.hpp"
#include "sys/sealed_self.hpp"

namespace mydocker::oci {
namespace {

constexpr Flag kFlags[] = {
    {"process", 'p', true, "FILE: the process as JSON, in the place of words and flags"},
    {"detach", 'd', false, "end as soon as it runs; it goes on"},
    {"tty", 't', false, "a terminal of its own"},
    {"interactive", 'i', false, "accepted: standard input is always passed on"},
    {"workdir", 'w', true, "DIR: the same as --cwd"},
    {"cwd", 0, true, "DIR: the folder to start in"},
    {"env", 'e', true, "NAME=VALUE: again for more"},
    {"user", 'u', true, "UID[:GID]"},
    {"additional-gids", 'g', true, "GID: again for more"},
    {"cap", 'c', true, "NAME: a capability besides; again for more"},
    {"no-new-privs", 0, false, "nothing executed later gains privileges"},
    {"apparmor", 0, true, "PROFILE"},
    {"process-label", 0, true, "LABEL: SELinux's"},
    {"ignore-paused", 0, false, "join a paused container, and wait with it"},
    {"cgroup", 0, true, "PATH: a folder below the container's own"},
    kConsoleSocket,
    kPidFile,
    kPreserveFds,
};

void require_running(const std::string& id, Status status, bool ignores_paused) {
  if (status == Status::running || status == Status::created) return;
  if (status == Status::paused) {
    if (ignores_paused) return;
    throw Failure("cannot exec in a paused container " + text::quoted(id) +
                  ": resume it, or say --ignore-paused");
  }
  throw Failure("cannot exec in a container that is not running: container not running: " +
                text::quoted(id));
}

// A folder that the container has made below its own.
void choose_cgroup(ContainerSpec& spec, const std::string& below) {
  for (const auto part : text::split(below, '/')) {
    if (part == "..")
      throw UsageError("--cgroup " + text::quoted(below) + ": may not contain '..'");
  }
  if (!spec.cgroup) throw UsageError("--cgroup: the container has no cgroup");
  for (auto& folder : spec.cgroup->joined_folders) folder += "/" + below;
}

class Execution {
 public:
  Execution(const Surroundings& around, const Arguments& arguments)
      : around_(around),
        is_detached_(arguments.is_on("detach")),
        console_socket_(arguments.value("console-socket")),
        pid_file_(arguments.value("pid-file")),
        spec_(read_spec(arguments)),
        facts_(read_host_facts(spec_)),
        plan_(make_plan(stages(), spec_, facts_)),
        executor_(context_),
        runtime_(plan_, executor_, context_) {
    if (spec_.process.terminal && is_detached_ && !console_socket_)
      throw UsageError("a detached terminal needs --console-socket, which takes its other end");
  }

  int perform() {
    context_.on_child = [](pid_t) {};
    context_.after_prepare = [this] { require_same_init(); };
    runtime_.create(Gate::open);
    if (console_socket_) send_terminal(*console_socket_, runtime_.terminal());
    if (pid_file_) write_pid_file(*pid_file_, context_.child);
    runtime_.await_exec(listener_of(spec_.seccomp, state_));
    for (const auto& warning : warnings_) around_.log.warning(warning);
    for (const auto& warning : context_.warnings) around_.log.warning(warning);
    if (is_detached_) {
      (void)runtime_.release();
      return 0;
    }
    return runtime_.wait({.signals_reach = true}).status;
  }

 private:
  ContainerSpec read_spec(const Arguments& arguments) {
    const std::string& id = arguments.words.front();
    store_.emplace(around_.global.root);
    const Container container = store_->open(id);
    require_running(id, container.status(), arguments.is_on("ignore-paused"));
    state_ = container.read_state();
    init_ = *container.init();
    const LoadedConfig config = stored_config(container, state_);
    LoadedProcess asked = asked_process(arguments, config.spec.process);
    warnings_ = std::move(asked.warnings);
    ContainerSpec out = joining_spec(config, std::move(asked.process), state_, init_.pid);
    if (const auto below = arguments.value("cgroup")) {
      choose_cgroup(out, *below);
    } else if (out.cgroup) {
      // Where the first process is now: on v2 a folder that the container has divided takes none.
      out.cgroup->joined_folders = sys::cgroup_folders_of(init_.pid, sys::read_cgroup_layout());
    }
    return out;
  }

  // The namespaces are open now: if they are those of the recorded process, they stay so.
  void require_same_init() const {
    const Container container = store_->open(state_.id);
    if (!container.open_init()) throw Failure("container not running: " + text::quoted(state_.id));
  }

  const Surroundings& around_;
  bool is_detached_;
  std::optional<std::string> console_socket_, pid_file_;
  std::optional<Store> store_;
  State state_;
  Init init_;
  std::vector<std::string> warnings_;
  ContainerSpec spec_;
  HostFacts facts_;
  Plan plan_;
  Context context_;
  LinuxExecutor executor_;
  Runtime runtime_;
};

int exec(const Surroundings& around, const Arguments& arguments) {
  if (!sys::is_sealed_copy()) sys::become_sealed_copy(around.words);
  sys::check(::prctl(PR_SET_DUMPABLE, 0, 0, 0, 0), "prctl");
  // Nothing that the caller left open may be seen inside.
  sys::close_from(3 + static_cast<unsigned>(kept_descriptors(arguments).size()));
  return Execution(around, arguments).perform();
}

}  // namespace

const Verb exec_verb{"exec",
                     "Runs one more process in a running container.",
                     kFlags,
                     Rest::words,
                     1,
                     1000000,
                     "ID COMMAND [WORDS]",
                     exec};

}  // namespace mydocker::oci
