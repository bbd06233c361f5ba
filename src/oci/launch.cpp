#include "oci/launch.hpp"

#include <fcntl.h>
#include <sys/prctl.h>
#include <unistd.h>

#include <climits>
#include <cstdlib>

#include "helpers/text.hpp"
#include "mydocker/error.hpp"
#include "oci/activation.hpp"
#include "oci/seccomp_listener.hpp"
#include "oci/state_json.hpp"
#include "runtime/hooks.hpp"
#include "runtime/starting.hpp"
#include "sys/check.hpp"
#include "sys/descriptors.hpp"
#include "sys/files.hpp"
#include "sys/sealed_self.hpp"

namespace mydocker::oci {
namespace {

constexpr const char* kStage = "oci";

std::string absolute(const std::string& path) {
  char resolved[PATH_MAX];
  if (::realpath(path.c_str(), resolved) == nullptr)
    throw SetupError(kStage, "find the bundle " + text::quoted(path), errno,
                     "--bundle names a folder with a config.json; without it that is this folder");
  return resolved;
}

std::string read_config(const std::string& bundle) {
  const std::string path = bundle + "/config.json";
  try {
    return sys::read_file(path);
  } catch (const std::system_error& error) {
    throw SetupError(kStage, "read " + text::quoted(path), error.code().value(),
                     "'MyDocker spec' writes one to begin with");
  }
}

LoadOptions load_options(const Surroundings& around, const Arguments& arguments,
                         const std::string& bundle) {
  if (arguments.is_on("no-pivot"))
    throw UsageError(
        "--no-pivot: refused, a chroot can be left again; a root on a ramdisk needs a "
        "mount of its own");
  return {.id = arguments.words.front(),
          .bundle = bundle,
          .new_keyring = !arguments.is_on("no-new-keyring"),
          .kept_descriptors = kept_descriptors(arguments, listening_descriptors()),
          .driver = around.global.driver,
          .cgroups = around.global.has_cgroups,
          .rootless = around.global.rootless};
}

LoadedConfig load(const std::string& text, const LoadOptions& options) {
  if (!valid_id(options.id)) {
    throw UsageError("container id " + text::quoted(options.id) +
                     ": allowed are 1 to 128 letters, digits, '_', '.', '-', '+', the first a "
                     "letter or digit");
  }
  LoadedConfig out = load_config(text, options);
  hand_on_activation(out.spec);
  if (const auto problems = problems_of(out.spec); out.has_process && !problems.empty())
    throw ConfigError(problems);
  // `execCPUAffinity` is for those who join.
  out.spec.process.initial_affinity.clear();
  out.spec.process.final_affinity.clear();
  return out;
}

// What a later `delete` has to take back, whoever dies before.
void note_for_removal(const Action& action, State& state) {
  if (const auto* const made = std::get_if<MakeCgroup>(&action)) {
    state.cgroups.push_back({made->version, made->top, made->path, made->controllers});
  } else if (const auto* const unit = std::get_if<StartUnit>(&action)) {
    state.systemd_unit = unit->unit;
  } else if (const auto* const folder = std::get_if<MakeFolder>(&action)) {
    // One that is there already is another's.
    if (!sys::exists(folder->path)) state.folders.push_back(folder->path);
  }
}

void check_terminal(const ContainerSpec& spec, const std::optional<std::string>& socket,
                    bool is_detached) {
  if (spec.process.terminal && !socket && is_detached) {
    throw UsageError(
        "process.terminal is true: --console-socket has to say who takes its other end");
  }
  if (!spec.process.terminal && socket)
    throw UsageError("--console-socket is given, but process.terminal is not true");
}

// Who shares the container's pid namespace, or the host's, could otherwise open /proc/PID/exe of the
// child that waits for its start, and write to MyDocker on the host when nobody runs it. The child
// inherits this; execve takes it back. Without root there is nothing to win, and the caller could no
// longer write the maps of ids.
void become_untraceable() {
  if (::geteuid() == 0) sys::check(::prctl(PR_SET_DUMPABLE, 0, 0, 0, 0), "prctl");
}

// An entrypoint that is swapped for a link to /proc/self/exe, at the right moment, has the kernel
// execute MyDocker inside, and who gets hold of /proc/1/exe there would write to the host's program.
// Whom the container's user is mapped to may not do that anyway.
bool is_within_reach(const ContainerSpec& spec) {
  return ::geteuid() == 0 && spec.namespaces.user.is_inherited() && !sys::is_read_only() &&
         !sys::is_sealed_copy();
}

[[noreturn]] void get_out_of_reach(std::span<const char* const> words) {
  try {
    sys::become_read_only(words);
  } catch (const std::system_error&) {
    sys::become_sealed_copy(
        words);  // started from a file of memory, say, that has no mount to copy
  }
}

}  // namespace

Launch::Launch(const Surroundings& around, const Arguments& arguments, Gate gate)
    : around_(around),
      gate_(gate),
      console_socket_(arguments.value("console-socket")),
      pid_file_(arguments.value("pid-file")),
      bundle_(absolute(arguments.value_or("bundle", "."))),
      text_(read_config(bundle_)),
      config_(load(text_, load_options(around, arguments, bundle_))),
      facts_(read_host_facts(config_.spec)),
      plan_(make_plan(stages(), config_.spec, facts_)),
      executor_(context_) {
  check_terminal(spec(), console_socket_, gate == Gate::closed || arguments.is_on("detach"));
  if (!config_.has_process && gate == Gate::open)
    throw UsageError("process: is missing in config.json, so there is nothing to run");
}

Launch::~Launch() = default;

void Launch::make_state() {
  state_ = {.oci_version = config_.version,
            .id = spec().id,
            .bundle = bundle_,
            .rootfs = spec().root.path,
            .created = timestamp(),
            .owner = ::geteuid(),
            .rootless = around_.global.rootless,
            .annotations = spec().annotations};
  for (const auto* const steps : {&plan_.prepare, &plan_.attach}) {
    for (const auto& step : *steps) note_for_removal(step.action, state_);
  }
  container_ = Store(around_.global.root).make(spec().id);
  context_.record = container_->lock();
  container_->write_config(text_);
  container_->write_state(state_);
}

void Launch::make_context() {
  context_.page_file = SharedPage::make_file();
  context_.page = SharedPage::map(context_.page_file.get());
  context_.hooks_folder = bundle_;
  context_.on_child = [this](pid_t child) { container_->record_init(child); };
  context_.state = [this](std::string_view status, pid_t pid) {
    return spec_state_json(state_, status, pid);
  };
  if (gate_ == Gate::closed) context_.start_socket = container_->listen_for_start();
  runtime_ = std::make_unique<Runtime>(plan_, executor_, context_);
}

void Launch::hand_over() {
  if (console_socket_) send_terminal(*console_socket_, runtime_->terminal());
  if (pid_file_) write_pid_file(*pid_file_, context_.child);
}

void Launch::create() {
  if (is_within_reach(spec())) get_out_of_reach(around_.words);
  become_untraceable();
  try {
    make_state();
    make_context();
    runtime_->create(gate_);
    hand_over();
  } catch (const std::exception&) {
    destroy();
    throw;
  }
  for (const auto& warning : config_.warnings) around_.log.warning(warning);
  for (const auto& notice : plan_.notices) around_.log.warning(notice);
  for (const auto& warning : context_.warnings) around_.log.warning(warning);
}

void Launch::await_exec() {
  runtime_->await_exec(listener_of(spec().seccomp, state_));
  run_hooks(spec().hooks.poststart, "poststart", state_, "running", context_.child);
}

void Launch::release() { (void)runtime_->release(); }

void Launch::destroy() noexcept {
  if (runtime_ && !runtime_->destroy() && container_) {
    // Its state stays, and says what is to be taken away.
    around_.log.warning("something of the container is left: 'delete --force' tries again");
    return;
  }
  if (context_.child != 0) run_poststop(spec().hooks.poststop, state_, around_.log);
  if (!container_) return;  // one of that name is another's
  try {
    container_->remove();
  } catch (const std::exception& error) {
    around_.log.warning(error.what());
  }
}

void send_terminal(const std::string& path, int terminal) {
  try {
    sys::send_descriptor(path, terminal, "/dev/ptmx");
  } catch (const std::system_error& error) {
    throw SetupError(kStage, "send the terminal to the socket " + text::quoted(path),
                     error.code().value(), "--console-socket names a listening AF_UNIX socket");
  }
}

void write_pid_file(const std::string& path, pid_t pid) {
  const auto slash = path.rfind('/');
  const std::string folder = slash == std::string::npos ? "" : path.substr(0, slash + 1);
  const std::string fresh = folder + "." + path.substr(folder.size()) + ".new";
  ::unlink(fresh.c_str());
  const UniqueFd file(
      ::open(fresh.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0644));
  try {
    if (!file) sys::fail(errno, "open");
    sys::write_all(file.get(), std::to_string(pid));
    sys::check(::rename(fresh.c_str(), path.c_str()), "rename");
  } catch (const std::system_error& error) {
    throw SetupError(kStage, "write the pid file " + text::quoted(path), error.code().value(), "");
  }
}

std::vector<unsigned> kept_descriptors(const Arguments& arguments, unsigned besides) {
  constexpr std::uint64_t kMost = 1000;
  const auto asked = arguments.number("preserve-fds").value_or(0), count = asked + besides;
  if (asked > kMost) throw UsageError("--preserve-fds: allowed are 0 to 1000");
  std::vector<unsigned> out;
  for (unsigned fd = 3; fd < 3 + count; ++fd) {
    out.push_back(fd);
    const int flags = ::fcntl(static_cast<int>(fd), F_GETFD);
    if (flags < 0)
      throw UsageError("--preserve-fds " + std::to_string(asked) + ": descriptor " +
                       std::to_string(fd) + " is not open");
    ::fcntl(static_cast<int>(fd), F_SETFD, flags & ~FD_CLOEXEC);
  }
  return out;
}

void run_hooks(const std::vector<Hook>& hooks, std::string_view point, const State& state,
               std::string_view status, pid_t pid) {
  for (const auto& hook : hooks)
    run_hook(hook, point, spec_state_json(state, status, pid), state.bundle);
}

void run_poststop(const std::vector<Hook>& hooks, const State& state, Log& log) noexcept {
  for (const auto& hook : hooks) {
    try {
      run_hook(hook, "poststop", spec_state_json(state, "stopped", 0), state.bundle);
    } catch (const std::exception& error) {
      log.warning(error.what());
    }
  }
}

}  // namespace mydocker::oci
