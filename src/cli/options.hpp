// The classic command line as it was written: words and flags, not yet judged.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <vector>

namespace mydocker::cli {

// What --network and its companions say.
struct NetworkOptions {
  bool ipv6 = false, icc = false;
  std::optional<std::string> kind, firewall;
  std::vector<std::string> ports, subnets, dns, egress;
};

// --image and its companions.
struct ImageOptions {
  std::optional<std::string> image, store, overlay, stop_signal;
  bool overlay_is_thrown_away = false, keep_entrypoint = false;
};

// -d and its companions.
struct DetachOptions {
  bool detach = false, remove_at_end = false;
  std::optional<std::string> log_size;
};

// What a line of the file of --config says.
struct ConfigLine {
  std::string option;                // "--user", "-M"; empty: a word of the entrypoint
  std::optional<std::string> value;  // nothing: a flag
  std::size_t line = 0;
  bool operator==(const ConfigLine&) const = default;
};

struct Options {
  bool help = false, version = false;
  bool all_namespaces = false, user_namespace = false, limits = false;
  std::optional<std::string> memory, cpu, pids, io;
  std::optional<std::string> rootfs, hostname, workdir, user, timeout, name, report;
  std::vector<std::string> environment, volumes, tmpfs;
  std::vector<std::string> cap_add, cap_drop, sysctls, keep_fd, landlock_ro, landlock_rw;
  std::optional<std::string> seccomp, seccomp_learn;
  bool seccomp_log = false, abi32 = false;
  bool read_only = false, tty = false, no_tty = false, init = false;
  NetworkOptions network;
  ImageOptions image;
  DetachOptions life;
  std::optional<std::string> config;
  std::vector<ConfigLine> config_lines;  // of the options here that come from there
  bool dry_run = false, explain = false, timings = false, json = false;
  std::vector<std::string> entrypoint;  // the first word that is no option, and all behind it
};

// Reads the words behind the program's name. Throws UsageError: an unknown option, a value that is
// missing.
[[nodiscard]] Options parse_options(std::span<const char* const> words);

// What the parser knows of an option. The value is written as it may be given, with | between
// alternatives: words in small letters stand for themselves ("nft|legacy"), others for what they name.
struct OptionText {
  std::vector<std::string> names;  // "-e", "--env"
  std::string value;               // empty: it takes none
  std::string help, group;
  bool repeats = false;  // again for more
};

// All of them, in the order in which -h shows them.
[[nodiscard]] std::vector<OptionText> option_texts();

}  // namespace mydocker::cli
