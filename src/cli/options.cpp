// The only file that includes CLI11: it takes seconds to compile.
#include "cli/options.hpp"

#include <CLI/CLI.hpp>
#include <memory>

#include "helpers/text.hpp"
#include "mydocker/error.hpp"

namespace mydocker::cli {
namespace {

constexpr const char* kUsage =
    "Usage: sudo MyDocker <options> <entrypoint>\n       MyDocker doctor [--json]";
constexpr const char *kOriginal = "The original's options", *kContainer = "The container",
                     *kRun = "The run", *kSeeing = "Seeing what happens";

// CLI11's own usage line knows nothing of the entrypoint.
class Formatter : public CLI::Formatter {
 public:
  std::string make_usage(const CLI::App*, std::string) const override { return {}; }
};

class CommandLine {
 public:
  explicit CommandLine(Options& options) : options_(options), app_(kUsage, "MyDocker") {
    app_.set_help_flag();
    app_.formatter(std::make_shared<Formatter>());
    app_.prefix_command();
    original();
    container();
    run();
    seeing();
  }

  CLI::App& app() { return app_; }

 private:
  void flag(const char* names, bool& value, const char* help, const char* group) {
    app_.add_flag(names, value, help)->group(group)->take_last();
  }
  void value(const char* names, std::optional<std::string>& value, const char* type,
             const char* help, const char* group) {
    app_.add_option_function<std::string>(
            names, [&value](const std::string& text) { value = text; }, help)
        ->type_name(type)
        ->group(group)
        ->take_last();
  }
  void list(const char* names, std::vector<std::string>& values, const char* type, const char* help,
            const char* group) {
    // Without the last call CLI11 would take the entrypoint for one more value.
    app_.add_option(names, values, help)
        ->type_name(type)
        ->group(group)
        ->expected(1)
        ->take_all()
        ->allow_extra_args(false);
  }

  void original() {
    flag("-a", options_.all_namespaces,
         "new pid, mount, uts, ipc, net and cgroup namespaces (required)", kOriginal);
    flag("-U", options_.user_namespace, "a new user namespace too: an unprivileged container",
         kOriginal);
    flag("-c", options_.limits, "limit resources by cgroups, with at least one of M, C, P, I",
         kOriginal);
    value("-M", options_.memory, "SIZE",
          "memory, bytes or with k, m, g [1-4294967296] (default 1073741824)", kOriginal);
    value("-C", options_.cpu, "PERCENT", "share of the processors [1-100] (default 25)", kOriginal);
    value("-P", options_.pids, "NUMBER", "processes [10-32768] (default 64)", kOriginal);
    value("-I", options_.io, "WEIGHT", "share of the disks [10-1000] (default 10)", kOriginal);
    flag("-h,--help", options_.help, "this text", kOriginal);
  }
  void container() {
    value("--rootfs", options_.rootfs, "DIR",
          "the root file system (default root_fs/root beside the sources)", kContainer);
    value("--hostname", options_.hostname, "NAME", "its hostname (default container)", kContainer);
    list("--env", options_.environment, "K[=V]", "an environment variable; without =V the caller's",
         kContainer);
    value("--workdir", options_.workdir, "DIR", "the folder to start in (default /)", kContainer);
    value("--user", options_.user, "UID[:GID]|NAME[:GROUP]", "whom to run as (default 0:0)",
          kContainer);
    list("--volume", options_.volumes, "SRC:DST[:ro]", "a folder or file of the host inside",
         kContainer);
    list("--tmpfs", options_.tmpfs, "DST[:SIZE]", "an empty folder in memory", kContainer);
    flag("--read-only", options_.read_only, "the root cannot be written", kContainer);
  }
  void run() {
    flag("--tty", options_.tty, "a terminal of its own even if standard input is none", kRun);
    flag("--no-tty", options_.no_tty, "no terminal even if standard input is one", kRun);
    flag("--init", options_.init, "a small PID 1 that reaps and forwards signals", kRun);
    value("--timeout", options_.timeout, "SECONDS",
          "end it after that time: TERM, 10 s later KILL; status 124", kRun);
    value("--name", options_.name, "NAME", "its id, for the cgroup and the record (default random)",
          kRun);
  }
  void seeing() {
    flag("--dry-run", options_.dry_run, "print the plan and run nothing; needs no privilege",
         kSeeing);
    flag("--explain", options_.explain, "narrate each request with its reason", kSeeing);
    flag("--timings", options_.timings, "print the time of each stage at the end", kSeeing);
    value("--report", options_.report, "FILE",
          "write reason, status, times and peaks as JSON at the end", kSeeing);
    flag("--json", options_.json, "what is printed, as JSON", kSeeing);
    flag("--version", options_.version, "print the version", kSeeing);
  }

  Options& options_;
  CLI::App app_;
};

std::string one_line(std::string text) {
  for (char& c : text) {
    if (c == '\n') c = ' ';
  }
  return text;
}

}  // namespace

Options parse_options(std::span<const char* const> words) {
  Options options;
  CommandLine line(options);
  // CLI11 takes the words from the back.
  std::vector<std::string> reversed(words.rbegin(), words.rend());
  try {
    line.app().parse(std::move(reversed));
  } catch (const CLI::ParseError& error) {
    throw UsageError(one_line(error.what()));
  }
  options.entrypoint = line.app().remaining();
  auto& entrypoint = options.entrypoint;
  if (!entrypoint.empty() && entrypoint.front() == "--") {
    entrypoint.erase(entrypoint.begin());
  } else if (!entrypoint.empty() && entrypoint.front().starts_with('-')) {
    throw UsageError("unknown option " + text::quoted(entrypoint.front()) +
                     ": 'MyDocker -h' lists them");
  }
  return options;
}

std::string help_text() {
  Options options;
  return CommandLine(options).app().help();
}

}  // namespace mydocker::cli
