// The only file that includes CLI11: it takes seconds to compile.
#include "cli/options.hpp"

#include <CLI/CLI.hpp>
#include <algorithm>

#include "helpers/suggestion.hpp"
#include "helpers/text.hpp"
#include "mydocker/error.hpp"

namespace mydocker::cli {
namespace {

constexpr const char *kOriginal = "The original's options", *kContainer = "The container",
                     *kProtection = "Protection", *kNetwork = "Its network", *kRun = "The run",
                     *kSeeing = "Seeing what happens";

class CommandLine {
 public:
  explicit CommandLine(Options& options) : options_(options), app_("", "MyDocker") {
    app_.set_help_flag();
    original();
    container();
    protection();
    network();
    run();
    life();
    file();
    seeing();
  }

  CLI::App& app() { return app_; }

  [[nodiscard]] std::vector<OptionText> texts() const {
    std::vector<OptionText> out;
    for (const CLI::Option* const each : app_.get_options()) {
      OptionText text;
      for (const auto& name : each->get_snames()) text.names.push_back("-" + name);
      for (const auto& name : each->get_lnames()) text.names.push_back("--" + name);
      if (each->get_items_expected_max() > 0) text.value = each->get_type_name();
      text.help = each->get_description();
      text.group = each->get_group();
      text.repeats = each->get_multi_option_policy() == CLI::MultiOptionPolicy::TakeAll;
      out.push_back(std::move(text));
    }
    return out;
  }

  // Whether the option takes a value. Throws UsageError if there is no such option.
  [[nodiscard]] bool takes_value(const std::string& name) const {
    const CLI::Option* const option = app_.get_option_no_throw(name);
    if (option == nullptr) {
      throw UsageError("unknown option " + text::quoted(name) + nearest(name) +
                       ": 'MyDocker -h' lists them");
    }
    return option->get_items_expected_max() > 0;
  }

 private:
  [[nodiscard]] std::string nearest(const std::string& name) const {
    std::vector<std::string> known;
    for (const auto& each : texts()) {
      for (const auto& other : each.names) {
        if (other.starts_with("--")) known.push_back(other);
      }
    }
    return suggestion::for_word(name, known);
  }

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
          "the root file system (default root_fs/root beside the build; installed, "
          "/var/lib/mydocker/root_fs/root)",
          kContainer);
    image();
    value("--hostname", options_.hostname, "NAME", "its hostname (default container)", kContainer);
    list("-e,--env", options_.environment, "K[=V]",
         "an environment variable; without =V the caller's", kContainer);
    value("-w,--workdir", options_.workdir, "DIR", "the folder to start in (default /)",
          kContainer);
    value("-u,--user", options_.user, "UID[:GID]|NAME[:GROUP]", "whom to run as (default 0:0)",
          kContainer);
    list("-v,--volume", options_.volumes, "SRC:DST[:ro]", "a folder or file of the host inside",
         kContainer);
    list("--tmpfs", options_.tmpfs, "DST[:SIZE]", "an empty folder in memory", kContainer);
    flag("--read-only", options_.read_only, "the root cannot be written", kContainer);
  }
  void image() {
    ImageOptions& image = options_.image;
    value("--image", image.image, "FILE|DIR|docker://NAME|IMAGE",
          "an image as the root: an archive, an OCI layout, a squashfs, docker://NAME, or the name "
          "of a "
          "loaded one; without an entrypoint it runs the image's own",
          kContainer);
    flag("--keep-entrypoint", image.keep_entrypoint,
         "the words are for the image's own entrypoint, in the place of its command", kContainer);
    flag("--overlay", image.overlay_is_thrown_away,
         "what is written to the root is thrown away at the end (with --image always)", kContainer);
    value("--overlay-dir", image.overlay, "DIR", "it is kept in DIR (also --overlay=DIR)",
          kContainer);
    value("--store", image.store, "DIR", "where images lie unpacked (default /var/lib/mydocker)",
          kContainer);
    value("--stop-signal", image.stop_signal, "SIGNAL",
          "what 'MyDocker stop' and --timeout send first (default the image's, or TERM)",
          kContainer);
  }
  void protection() {
    list("--cap-add", options_.cap_add, "CAPABILITY",
         "a capability besides the nine, or ALL; this weakens: most of them reach the host",
         kProtection);
    list("--cap-drop", options_.cap_drop, "CAPABILITY", "a capability that is not kept, or ALL",
         kProtection);
    list("--sysctl", options_.sysctls, "K=V",
         "a setting of the kernel that belongs to one of its namespaces", kProtection);
    list("--keep-fd", options_.keep_fd, "N",
         "an open descriptor that it inherits; this weakens: it is a door to what is behind it",
         kProtection);
    list("--landlock-ro", options_.landlock_ro, "PATH",
         "with this or the next one, only such paths can be reached (and /dev, /proc): to read",
         kProtection);
    list("--landlock-rw", options_.landlock_rw, "PATH", "the same, to read and to write",
         kProtection);
    value("--seccomp", options_.seccomp, "default|original|unconfined|FILE.json",
          "which system calls; a file is as docker's; original and unconfined weaken: all but a "
          "few, and all",
          kProtection);
    flag("--seccomp-log", options_.seccomp_log,
         "name at the end which calls were refused, and how often", kProtection);
    value("--seccomp-learn", options_.seccomp_learn, "FILE",
          "write the smallest list that the program needs; with '--seccomp unconfined' nothing is "
          "refused meanwhile",
          kProtection);
    flag("--abi32", options_.abi32,
         "32-bit programs too; this weakens: some of their calls no filter can judge", kProtection);
  }
  void network() {
    NetworkOptions& network = options_.network;
    value("--network", network.kind,
          "none|host|nat|pasta|bridge:NAME|cni:NAME|original|ns:PATH|container:ID",
          "what it reaches (default none: itself)", kNetwork);
    list("-p,--publish", network.ports, "[ADDR:]PORT:PORT[/udp]|image",
         "a port of the host leads to one inside (default address 127.0.0.1); 'image': those that "
         "the image names",
         kNetwork);
    list("--subnet", network.subnets, "CIDR",
         "its address is one of these (default a free /24), and one of IPv6", kNetwork);
    flag("--ipv6", network.ipv6, "an address of IPv6, too", kNetwork);
    flag("--icc", network.icc,
         "with bridge:NAME it reaches the others on it directly, and they it; this weakens: else "
         "the host alone",
         kNetwork);
    list("--dns", network.dns, "ADDRESS", "a resolver in the place of the host's", kNetwork);
    list("--egress", network.egress, "CIDR[:PORT]", "whom alone it may speak to", kNetwork);
    value("--firewall", network.firewall, "nft|legacy", "whose rules (default what the host uses)",
          kNetwork);
  }
  void run() {
    flag("-t,--tty", options_.tty, "a terminal of its own even if standard input is none", kRun);
    flag("--no-tty", options_.no_tty, "no terminal even if standard input is one", kRun);
    flag("--init", options_.init, "a small PID 1 that reaps and forwards signals", kRun);
    value("--timeout", options_.timeout, "SECONDS",
          "end it after that time: the stop signal, 10 s later KILL; status 124", kRun);
    value("--name", options_.name, "NAME", "its id, for the cgroup and the record (default random)",
          kRun);
  }
  void life() {
    flag("-d,--detach", options_.life.detach,
         "end as soon as it runs; it goes on, its output is kept for 'MyDocker logs'", kRun);
    flag("--rm", options_.life.remove_at_end,
         "with -d: at its end nothing of it is kept, neither status nor log", kRun);
    value("--log-size", options_.life.log_size, "SIZE",
          "with -d: how much of its output is kept, the last of it (default 4m)", kRun);
  }
  void file() {
    value("--config", options_.config, "FILE",
          "options from a file, a line each, as 'user = 1000'; what stands here counts more", kRun);
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

// Puts each option and each value into a word of its own and finds where the entrypoint begins. CLI11
// would take the word behind '--name=' for its value, and a mistyped option for the entrypoint.
class Splitter {
 public:
  Splitter(const CommandLine& line, std::span<const char* const> words)
      : line_(line), words_(words) {
    for (; at_ < words_.size(); ++at_) {
      const std::string word = words_[at_];
      if (!word.starts_with('-')) break;
      if (word == "--") {
        ++at_;
        break;
      }
      if (word == "-" || word.starts_with("--"))
        long_option(word);
      else
        short_options(word);
    }
    entrypoint.assign(words_.begin() + static_cast<std::ptrdiff_t>(at_), words_.end());
  }

  std::vector<std::string> options, entrypoint;

 private:
  void long_option(const std::string& word) {
    const auto equals = word.find('=');
    std::string name = word.substr(0, equals);
    // The one option whose value may be left out.
    if (name == "--overlay" && equals != std::string::npos) name = "--overlay-dir";
    const bool takes_value = line_.takes_value(name);
    options.push_back(name);
    if (equals == std::string::npos) {
      if (takes_value) next_word_is_value(name);
    } else if (takes_value) {
      options.push_back(word.substr(equals + 1));
    } else {
      throw UsageError(text::quoted(word) + ": " + name + " takes no value");
    }
  }

  void short_options(const std::string& word) {
    for (std::size_t i = 1; i < word.size(); ++i) {
      const std::string name = {'-', word[i]};
      const bool takes_value = line_.takes_value(name);
      options.push_back(name);
      if (!takes_value) continue;
      if (i + 1 < word.size())
        options.push_back(word.substr(i + 1));
      else
        next_word_is_value(name);
      return;
    }
  }

  void next_word_is_value(const std::string& name) {
    if (++at_ == words_.size()) {
      throw UsageError(name + ": its value is missing: 'MyDocker -h' says what is allowed");
    }
    options.emplace_back(words_[at_]);
  }

  const CommandLine& line_;
  std::span<const char* const> words_;
  std::size_t at_ = 0;
};

}  // namespace

Options parse_options(std::span<const char* const> words) {
  Options options;
  CommandLine line(options);
  Splitter split(line, words);
  // CLI11 takes the words from the back.
  std::reverse(split.options.begin(), split.options.end());
  try {
    line.app().parse(std::move(split.options));
  } catch (const CLI::ParseError& error) {
    throw UsageError(text::quoted(error.what()));
  }
  options.entrypoint = std::move(split.entrypoint);
  return options;
}

std::vector<OptionText> option_texts() {
  Options options;
  return CommandLine(options).texts();
}

}  // namespace mydocker::cli
