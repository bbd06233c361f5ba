#include "oci/run_verb.hpp"

#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <iterator>
#include <new>

#include "helpers/text.hpp"
#include "mydocker/error.hpp"
#include "oci/config/features.hpp"
#include "oci/config/load.hpp"
#include "oci/log.hpp"
#include "oci/options.hpp"
#include "oci/verbs.hpp"
#include "sys/files.hpp"

namespace mydocker::oci {
namespace {

const Verb* const kVerbs[] = {
    &create_verb, &start_verb, &run_verb,      &exec_verb,       &state_verb,   &list_verb,
    &ps_verb,     &kill_verb,  &pause_verb,    &resume_verb,     &update_verb,  &events_verb,
    &delete_verb, &spec_verb,  &features_verb, &checkpoint_verb, &restore_verb,
};

// runc's `exec` tells its own failures from the command's by this one.
constexpr int kExecFailed = 255, kFailed = 1;

constexpr Flag kHelp{"help", 'h', false, "this text"};

std::string help_of(const Verb& verb) {
  std::string out = "Usage: MyDocker [global flags] " + std::string(verb.name) + " [flags] " +
                    std::string(verb.words) + "\n" + std::string(verb.summary) + "\n";
  for (const auto& flag : verb.flags) out += flag_text(flag);
  out += "Global flags:\n";
  for (const auto& flag : global_flags()) out += flag_text(flag);
  return out;
}

std::string default_root() {
  const char* const own = std::getenv("XDG_RUNTIME_DIR");
  if (::geteuid() != 0 && own != nullptr && own[0] == '/') return std::string(own) + "/mydocker";
  return "/run/mydocker";
}

Global global_of(const Arguments& arguments) {
  Global out;
  out.root = arguments.value_or("root", default_root());
  const std::string manager = arguments.value_or("cgroup-manager", "cgroupfs");
  if (manager != "cgroupfs" && manager != "systemd" && manager != "disabled") {
    throw UsageError("--cgroup-manager " + text::quoted(manager) +
                     ": allowed are cgroupfs, systemd and disabled");
  }
  out.has_cgroups = manager != "disabled";
  if (manager == "systemd" || arguments.is_on("systemd-cgroup")) out.driver = CgroupDriver::systemd;
  const std::string rootless = arguments.value_or("rootless", "auto");
  out.rootless = rootless == "true" || (rootless == "auto" && ::geteuid() != 0);
  return out;
}

class Call {
 public:
  explicit Call(std::span<const char* const> words)
      : at_(*find_verb(words)), words_(words), verb_(*find_verb_named(words[at_])) {}

  int run() const {
    // Known before anything can fail, since it says where failures are told.
    std::optional<Log> log;
    try {
      const Arguments global = parse(words_.first(at_), global_flags(), Rest::flags_too);
      log.emplace(global.value("log"), global.value_or("log-format", "text") == "json");
      const int status = perform(global_of(global), *log);
      log->write_warnings();
      return status;
    } catch (const ConfigError& error) {
      return fail(log, text::join(error.problems(), "\n"));
    } catch (const std::bad_alloc&) {
      return fail(log, errno_text(ENOMEM));
    } catch (const std::system_error& error) {
      const std::string message = message_of(as_setup_error(error));
      constexpr std::string_view kName = "MyDocker: ";
      return fail(log, message.substr(kName.size()));
    } catch (const std::exception& error) {
      return fail(log, error.what());
    }
  }

 private:
  int perform(const Global& global, Log& log) const {
    std::vector<Flag> flags(verb_.flags.begin(), verb_.flags.end());
    flags.push_back(kHelp);
    const Arguments arguments = parse(words_.subspan(at_ + 1), flags, verb_.rest);
    if (arguments.is_on("help")) {
      sys::write_all(STDOUT_FILENO, help_of(verb_));
      return 0;
    }
    const std::size_t count = arguments.words.size();
    if (count < verb_.least_words || count > verb_.most_words) {
      throw UsageError("'MyDocker " + std::string(verb_.name) +
                       "' wants the words: " + std::string(verb_.words));
    }
    return verb_.run({global, log, words_}, arguments);
  }

  int fail(std::optional<Log>& log, const std::string& message) const {
    if (!log) log.emplace(std::nullopt, false);
    log->error(message);
    return verb_.name == "exec" ? kExecFailed : kFailed;
  }

  std::size_t at_;
  std::span<const char* const> words_;
  const Verb& verb_;
};

}  // namespace

std::span<const Verb* const> verbs() { return kVerbs; }

const Verb* find_verb_named(std::string_view name) {
  const auto* const found = std::find_if(std::begin(kVerbs), std::end(kVerbs),
                                         [&](const Verb* verb) { return verb->name == name; });
  return found == std::end(kVerbs) ? nullptr : *found;
}

std::optional<int> run(std::span<const char* const> words) {
  if (asks_for_version(words)) {
    sys::write_all(STDOUT_FILENO, version_text());
    return 0;
  }
  if (!find_verb(words)) return std::nullopt;
  return Call(words).run();
}

}  // namespace mydocker::oci
