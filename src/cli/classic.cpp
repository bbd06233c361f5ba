#include "cli/classic.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <memory>

#include "cli/config_file.hpp"
#include "cli/detached.hpp"
#include "cli/help.hpp"
#include "cli/options.hpp"
#include "cli/surroundings.hpp"
#include "cli/to_spec.hpp"
#include "cli/verbs.hpp"
#include "helpers/numbers.hpp"
#include "helpers/text.hpp"
#include "mydocker/error.hpp"
#include "mydocker/runtime.hpp"
#include "oci/config/features.hpp"
#include "oci/config/seccomp_file.hpp"
#include "plan/printing.hpp"
#include "runtime/context.hpp"
#include "runtime/decorators.hpp"
#include "runtime/linux_executor.hpp"
#include "runtime/network_sweep.hpp"
#include "runtime/records.hpp"
#include "seccomp/watch.hpp"
#include "sys/check.hpp"
#include "sys/files.hpp"
#include "sys/sealed_self.hpp"

namespace mydocker::cli {
namespace {

void say_on(int fd, const std::string& line) {
  try {
    sys::write_all(fd, "MyDocker: " + line + "\n");
  } catch (const std::system_error&) {
    // Nobody reads standard error; the container does not end for that.
  }
}

std::optional<std::chrono::milliseconds> timeout(const Options& options) {
  if (!options.timeout) return std::nullopt;
  const auto milliseconds = numbers::parse_milliseconds(*options.timeout);
  if (!milliseconds || *milliseconds == 0) {
    throw UsageError("--timeout " + text::quoted(*options.timeout) +
                     ": allowed are seconds above 0, as in 10 or 0.5");
  }
  return std::chrono::milliseconds(*milliseconds);
}

// Opened before anything is made: a file that cannot be written is told now, not after the run. What
// it holds stays until there is something better.
UniqueFd open_result(const std::optional<std::string>& path, const std::string& what) {
  if (!path) return {};
  UniqueFd file(::open(path->c_str(), O_WRONLY | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0644));
  if (!file) throw SetupError("cli", "open the " + what + " " + text::quoted(*path), errno, "");
  return file;
}

void write_result(const UniqueFd& file, const std::string& content) {
  (void)!::ftruncate(file.get(), 0);  // a pipe has no length
  sys::write_all(file.get(), content);
}

// The name that a thread's program gave itself, see comm in proc(5).
std::string program_of(pid_t thread) {
  const auto name = sys::try_read_file("/proc/" + std::to_string(thread) + "/comm");
  return std::string(text::trimmed(name.value_or("?")));
}

class Run {
 public:
  Run(const Options& options, const ContainerSpec& spec)
      : options_(options),
        spec_(spec),
        facts_(read_host_facts(spec)),
        plan_(make_plan(stages(), spec, facts_)),
        kernel_(context_) {}

  // Whether the container cannot reach the file of this program: it is behind the seal, or this is
  // a copy that nobody can write to.
  [[nodiscard]] bool is_safe() const {
    return std::any_of(plan_.enter.begin(), plan_.enter.end(),
                       [](const Step& step) {
                         return std::holds_alternative<RestrictFiles>(step.action);
                       }) ||
           sys::is_sealed_copy();
  }

  int dry_run() const {
    sys::write_all(STDOUT_FILENO,
                   options_.json ? plan_json(plan_) : plan_text(plan_, options_.explain));
    return 0;
  }

  int perform(std::optional<std::chrono::milliseconds> limit) {
    if (options_.life.detach) {
      detached_ = std::make_unique<Detached>(options_, spec_, facts_.record_folder);
      if (const auto status = detached_->fork()) return *status;
    } else if (options_.name) {
      refuse_kept_name();
    }
    report_ = open_result(options_.report, "report");
    learned_ = open_result(options_.seccomp_learn, "profile");
    try {
      warn_before();
      decorate();
      return run({limit, spec_.process.stop_signal, spec_.process.init, answers()});
    } catch (const SetupError& error) {
      if (detached_) detached_->failed(message_of(error));
      write_report(failure_json(spec_, message_of(error), error.status()));
      throw;
    }
  }

 private:
  int run(Supervision supervision) {
    Runtime runtime(plan_, *outermost_, context_);
    Outcome outcome;
    Usage usage;
    if (detached_) detached_->begin(description());
    try {
      runtime.create(Gate::open);
      for (const auto& warning : context_.warnings) say("warning: " + warning);
      sweep(facts_.record_folder, spec_.id);
      watch_pasta(supervision);
      if (detached_) go_on_alone(runtime, supervision);
      outcome = runtime.wait(supervision);
      usage = read_usage_if_any();
      usage.egress_refused = count_refused(spec_.network, facts_.network.firewall, context_);
    } catch (const SetupError&) {
      if (!runtime.killed_in_setup()) throw;
      outcome = *runtime.killed_in_setup();
      usage = read_usage_if_any();
      apply_usage(outcome, usage);
      if (outcome.reason != Reason::oom) throw;
      say("the memory limit is too small to start");
    }
    context_.warnings.clear();
    if (detached_) {
      apply_usage(outcome, usage);
      tell_after(outcome, usage);
      detached_->ended(outcome);
    }
    runtime.destroy();
    for (const auto& warning : context_.warnings) say("warning: " + warning);
    // What containers share is taken back by the last: those that were killed are none.
    if (spec_.network.kind != NetworkKind::none) sweep(facts_.record_folder, spec_.id);
    if (!detached_) {
      apply_usage(outcome, usage);
      tell_after(outcome, usage);
    }
    return outcome.status;
  }

  void say(const std::string& line) const {
    say_on(detached_ ? detached_->voice() : STDERR_FILENO, line);
  }

  // One that has ended has its name until somebody removes it.
  void refuse_kept_name() const {
    const auto kept = life::Kept::try_open(facts_.record_folder, spec_.id);
    if (kept)
      throw SetupError("cli", "give the container the name " + text::quoted(spec_.id), EEXIST,
                       "one that has ended has it: 'MyDocker rm " + spec_.id + "' removes it");
  }

  // What the record says of the container.
  std::string description() const {
    for (const auto& step : plan_.attach) {
      if (const auto* const record = std::get_if<RecordChild>(&step.action))
        return record->description;
    }
    return {};
  }

  void go_on_alone(Runtime& runtime, Supervision& supervision) {
    runtime.await_exec({});
    detached_->started();
    supervision.streams = detached_->streams();
    supervision.is_typed_at = false;
  }

  void watch_pasta(Supervision& supervision) const {
    if (!context_.pasta.process) return;
    supervision.companion = context_.pasta.process.get();
    supervision.on_companion_end = [this] {
      const std::string said = last_words(context_.pasta);
      say("warning: pasta has ended, and with it the container's way out" +
          (said.empty() ? "" : ": " + said));
    };
  }

  AnswerCall answers() {
    if (spec_.seccomp_watch == SeccompWatch::none) return {};
    watch_ = std::make_unique<seccomp::Watch>(spec_);
    return [this](const WatchedCall& call) { return watch_->answer(call, program_of); };
  }

  void warn_before() const {
    for (const auto& notice : plan_.notices) say("warning: " + notice);
  }

  void decorate() {
    context_.page = SharedPage::make();
    outermost_ = &kernel_;
    if (options_.timings) {
      timing_ = std::make_unique<TimingExecutor>(*outermost_, plan_, *context_.page);
      outermost_ = timing_.get();
    }
    if (options_.explain) {
      narrator_ = std::make_unique<NarratingExecutor>(*outermost_, plan_, options_.json);
      outermost_ = narrator_.get();
    }
  }

  Usage read_usage_if_any() const {
    return spec_.cgroup ? read_usage(facts_.cgroups, spec_.cgroup->path) : Usage{};
  }

  void tell_after(const Outcome& outcome, const Usage& usage) const {
    for (const auto& line : closing_lines(outcome, usage, spec_.cgroup)) say(line);
    tell_of_calls(outcome.status);
    if (timing_) sys::write_all(STDERR_FILENO, timing_->table(options_.json));
    write_report(report_json(spec_, outcome, usage));
  }

  void tell_of_calls(int status) const {
    if (watch_) {
      for (const auto& line : watch_->refusals()) say(line);
      if (learned_) write_result(learned_, oci::seccomp_json(watch_->learned()));
    } else if (status == exit_status::kSignalBase + SIGSYS &&
               spec_.seccomp == SeccompChoice(DefaultAllowlist{})) {
      say("killed by the seccomp filter (SIGSYS): a 32-bit program; add --abi32");
    }
  }

  void write_report(const std::string& json) const {
    if (report_) write_result(report_, json);
  }

  const Options& options_;
  const ContainerSpec& spec_;
  HostFacts facts_;
  Plan plan_;
  Context context_;
  LinuxExecutor kernel_;
  std::unique_ptr<TimingExecutor> timing_;
  std::unique_ptr<NarratingExecutor> narrator_;
  Executor* outermost_ = nullptr;
  std::unique_ptr<seccomp::Watch> watch_;
  std::unique_ptr<Detached> detached_;
  UniqueFd report_, learned_;
};

// Without any option the first word cannot be an entrypoint.
void refuse_nearly_a_verb(const std::string& word) {
  const std::string nearest = nearest_verb(word);
  if (!nearest.empty()) throw UsageError("unknown verb " + text::quoted(word) + nearest);
}

int run(const Options& options, std::span<const char* const> words) {
  if (options.help) {
    sys::write_all(STDOUT_FILENO, help_text());
    return 0;
  }
  if (options.version) {
    sys::write_all(STDOUT_FILENO, oci::version_text());
    return 0;
  }
  if (!words.empty() && options.entrypoint.size() == words.size() && !options.config)
    refuse_nearly_a_verb(words[0]);
  (void)log_size(options);  // refused before an image is unpacked for it
  const ContainerSpec spec = to_spec(options, surroundings());
  std::vector<const char*> for_copy;
  if (!options.image.image) for_copy = {"--rootfs", spec.root.path.c_str()};
  for_copy.insert(for_copy.end(), words.begin(), words.end());
  return run_container(options, spec, for_copy);
}

}  // namespace

int run_classic(std::span<const char* const> words) {
  const Options options = read_options(words);
  try {
    return run(options, words);
  } catch (const UsageError& error) {
    throw UsageError(with_places(options, error.what()));
  }
}

int run_container(const Options& options, const ContainerSpec& spec,
                  std::span<const char* const> for_copy) {
  const auto limit = timeout(options);
  Run run(options, spec);
  if (options.dry_run) return run.dry_run();
  // The older defence, where the kernel has no Landlock or the container may mount.
  if (!run.is_safe()) sys::become_sealed_copy(for_copy);
  return run.perform(limit);
}

}  // namespace mydocker::cli
