// exec: one more process in a container of the classic command line, with what that one's own process is
// allowed and no more. It is as careful towards a hostile container as the OCI verb is.
#include <fcntl.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "helpers/text.hpp"
#include "life/ending.hpp"
#include "life/verbs.hpp"
#include "mydocker/error.hpp"
#include "mydocker/runtime.hpp"
#include "runtime/context.hpp"
#include "runtime/linux_executor.hpp"
#include "spec/users.hpp"
#include "sys/cgroup_tasks.hpp"
#include "sys/cgroups.hpp"
#include "sys/check.hpp"
#include "sys/descriptors.hpp"
#include "sys/mounts.hpp"
#include "sys/sealed_self.hpp"
#include "sys/terminal.hpp"

namespace mydocker::life {
namespace {

constexpr oci::Flag kFlags[] = {
    {"interactive", 'i', false, "standard input is passed on; else there is none"},
    {"tty", 't', false, "a terminal of its own"},
    {"detach", 'd', false, "end as soon as it runs; it goes on, its output is lost"},
    {"env", 'e', true, "NAME=VALUE: again for more"},
    {"user", 'u', true, "UID[:GID]|NAME[:GROUP]: whom to run as (default as the container)"},
    {"workdir", 'w', true, "DIR: the folder to start in (default as the container)"},
    {"cwd", 0, true, "DIR: the same"}};

void set_variable(std::vector<std::string>& environment, const std::string& assignment) {
  const auto equals = assignment.find('=');
  if (equals == std::string::npos || equals == 0)
    throw UsageError("-e " + text::quoted(assignment) + ": allowed are NAME=VALUE");
  const std::string key = assignment.substr(0, equals + 1);
  std::erase_if(environment, [&](const std::string& each) { return each.starts_with(key); });
  environment.push_back(assignment);
}

// The container's own files, through the root of its PID 1; links in them do not lead out.
UserFiles user_files(pid_t init) {
  const std::string path = "/proc/" + std::to_string(init) + "/root";
  const UniqueFd root =
      sys::check_fd(::open(path.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC), "open");
  return {sys::read_in_root(root.get(), "/etc/passwd"),
          sys::read_in_root(root.get(), "/etc/group")};
}

// Root has what the container may have; others what was added for them, as at its start.
void set_capabilities(Process& process) {
  CapabilitySets& sets = process.capabilities;
  const auto held = process.user.uid == 0 ? sets.bounding : sets.ambient;
  sets.effective = sets.permitted = held;
  if (process.user.uid == 0) sets.ambient.clear();
  sets.inheritable = sets.ambient;
}

std::optional<Terminal> terminal_of(const oci::Arguments& arguments) {
  if (!arguments.is_on("tty")) return std::nullopt;
  Terminal out{{true, true, true}};
  if (const auto size = sys::size_of(STDIN_FILENO)) {
    out.rows = size->rows;
    out.columns = size->columns;
  }
  return out;
}

Process process_of(const Call& call, const Container& container) {
  const oci::Arguments& arguments = call.arguments;
  Process out = container.about->process;
  out.argv.assign(arguments.words.begin() + 1, arguments.words.end());
  if (const auto user = arguments.value("user")) {
    const ResolvedUser who = resolve_user(*user, user_files(container.pid));
    out.user = who.user;
    set_variable(out.environment, "HOME=" + who.home);
  }
  for (const auto& variable : arguments.values("env")) set_variable(out.environment, variable);
  out.workdir = arguments.value_or("cwd", arguments.value_or("workdir", out.workdir));
  out.terminal = terminal_of(arguments);
  set_capabilities(out);
  return out;
}

Namespaces namespaces_of(const Container& container) {
  const auto of = [&](const char* name) {
    return NamespaceUse{NamespaceUse::Kind::joined,
                        "/proc/" + std::to_string(container.pid) + "/ns/" + name};
  };
  return {.user = container.about->has_user_namespace ? of("user") : NamespaceUse{},
          .cgroup = of("cgroup"),
          .network = of("net"),
          .uts = of("uts"),
          .ipc = of("ipc"),
          .pid = of("pid"),
          .mount = of("mnt"),
          .time = {}};
}

// Where PID 1 is, in the hierarchies in which the container has a folder of its own.
std::optional<CgroupRequest> cgroup_of(const Container& container) {
  if (container.cgroups.empty()) return std::nullopt;
  CgroupRequest out;
  out.join_existing = true;
  for (auto& folder : sys::cgroup_folders_of(container.pid, sys::read_cgroup_layout())) {
    for (const auto& own : container.cgroups) {
      if (folder == own || folder.starts_with(own + "/")) out.joined_folders.push_back(folder);
    }
  }
  return out;
}

ContainerSpec spec_of(const Call& call, const Container& container) {
  ContainerSpec out;
  out.id = container.id;
  out.hostname.clear();
  out.namespaces = namespaces_of(container);
  out.process = process_of(call, container);
  out.root.path = container.about->root;
  out.cgroup = cgroup_of(container);
  out.seccomp = container.about->seccomp;
  out.open_to_others = container.about->open_to_others;
  // Two seals do not look into each other, even equal ones. So there is one only where it is what keeps
  // the container from some of its own files.
  if (!container.about->files.is_whole_root()) out.file_access = container.about->files;
  out.lifetime = Lifetime::its_own;
  return out;
}

Container find_running(const Call& call) {
  const std::string& id = call.ids().front();
  Container out = find_begun(call.places, id);
  if (out.status != Status::running)
    throw UsageError("exec " + text::quoted(id) + ": it is " + std::string(name_of(out.status)));
  if (!out.about)
    throw UsageError(
        "exec " + text::quoted(id) +
        ": another version of MyDocker has started it, and what it may do is not known");
  out.kept.reset();  // nothing of the host is open when the process joins
  return out;
}

// Standard input only if somebody asked for it; of a process that goes on alone nothing is read.
void choose_streams(const oci::Arguments& arguments) {
  const bool is_detached = arguments.is_on("detach");
  const UniqueFd nothing = sys::check_fd(::open("/dev/null", O_RDWR | O_CLOEXEC), "open");
  const bool passes_input = arguments.is_on("interactive") && !is_detached;
  if (!passes_input && !arguments.is_on("tty"))
    sys::check(::dup2(nothing.get(), STDIN_FILENO), "dup2");
  if (!is_detached) return;
  for (const int fd : {STDOUT_FILENO, STDERR_FILENO}) sys::check(::dup2(nothing.get(), fd), "dup2");
}

int perform(const Call& call) {
  const Container container = find_running(call);
  const ContainerSpec spec = spec_of(call, container);
  const HostFacts facts = read_host_facts(spec);
  const Plan plan = make_plan(stages(), spec, facts);
  Context context;
  LinuxExecutor executor(context);
  Runtime runtime(plan, executor, context);
  context.on_child = [](pid_t) {};
  // The namespaces are open now: if they are those of the recorded process, they stay so.
  context.after_prepare = [&] {
    if (!open_init(call.places, container))
      throw UsageError("exec " + text::quoted(container.id) + ": it has ended");
  };
  runtime.create(Gate::open);
  runtime.await_exec({});
  if (call.arguments.is_on("detach")) {
    (void)runtime.release();
    return 0;
  }
  return runtime.wait({.signals_reach = true, .is_typed_at = call.arguments.is_on("interactive")})
      .status;
}

int exec(const Call& call) {
  if (call.arguments.is_on("detach") && call.arguments.is_on("tty"))
    throw UsageError("exec: -d or -t: nobody would look at that terminal");
  if (!sys::is_sealed_copy()) sys::become_sealed_copy(call.words);
  sys::check(::prctl(PR_SET_DUMPABLE, 0, 0, 0, 0), "prctl");
  sys::close_from(STDERR_FILENO + 1);
  choose_streams(call.arguments);
  return perform(call);
}

}  // namespace

const Verb exec_verb{"exec",
                     "Runs one more process in a container.",
                     kFlags,
                     oci::Rest::words,
                     2,
                     kAny,
                     "ID COMMAND [WORDS]",
                     exec};

}  // namespace mydocker::life
