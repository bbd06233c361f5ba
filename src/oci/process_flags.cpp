#include "oci/process_flags.hpp"

#include <algorithm>

#include "helpers/names.hpp"
#include "helpers/numbers.hpp"
#include "helpers/text.hpp"
#include "mydocker/error.hpp"
#include "oci/config/load.hpp"
#include "oci/launch.hpp"
#include "sys/files.hpp"

namespace mydocker::oci {
namespace {

constexpr std::uint64_t kLargestId = UINT32_MAX - 1;

std::uint32_t id_of(std::string_view flag, std::string_view text) {
  const auto number = numbers::parse(text, kLargestId);
  if (!number) {
    throw UsageError(std::string(flag) + " " + text::quoted(text) + ": allowed are 0 to " +
                     std::to_string(kLargestId));
  }
  return static_cast<std::uint32_t>(*number);
}

User user_of(const Arguments& arguments, User user) {
  if (const auto text = arguments.value("user")) {
    const auto parts = text::split(*text, ':');
    if (parts.size() > 2)
      throw UsageError("--user " + text::quoted(*text) + ": allowed are UID and UID:GID");
    user.uid = id_of("--user", parts[0]);
    if (parts.size() == 2) user.gid = id_of("--user", parts[1]);
  }
  for (const auto& text : arguments.values("additional-gids"))
    user.groups.push_back(id_of("--additional-gids", text));
  return user;
}

void add_capabilities(const Arguments& arguments, CapabilitySets& sets) {
  for (const auto& name : arguments.values("cap")) {
    const auto number = names::parse_capability(name);
    if (!number) throw UsageError("--cap " + text::quoted(name) + ": there is no such capability");
    for (auto* const set : {&sets.bounding, &sets.effective, &sets.permitted}) {
      if (std::find(set->begin(), set->end(), *number) == set->end()) set->push_back(*number);
    }
  }
}

LoadedProcess from_file(const Arguments& arguments, const std::string& path,
                        const Process& of_container) {
  if (arguments.words.size() > 1) throw UsageError("--process names the command: no words besides");
  std::string text;
  try {
    text = sys::read_file(path);
  } catch (const std::system_error& error) {
    throw SetupError("oci", "read the process file " + text::quoted(path), error.code().value(),
                     "");
  }
  LoadedProcess out = load_process(text, {.kept_descriptors = kept_descriptors(arguments)});
  Process& process = out.process;
  if (arguments.is_on("tty") && !process.terminal) process.terminal = Terminal{{true, true, true}};
  if (process.initial_affinity.empty() && process.final_affinity.empty()) {
    process.initial_affinity = of_container.initial_affinity;
    process.final_affinity = of_container.final_affinity;
  }
  return out;
}

Process from_words(const Arguments& arguments, Process process) {
  if (arguments.words.size() < 2)
    throw UsageError("'MyDocker exec' wants a command behind the id, or --process FILE");
  process.argv.assign(arguments.words.begin() + 1, arguments.words.end());
  process.user = user_of(arguments, process.user);
  process.workdir =
      arguments.value_or("cwd", arguments.value_or("workdir", process.workdir));
  for (const auto& variable : arguments.values("env")) process.environment.push_back(variable);
  add_capabilities(arguments, process.capabilities);
  if (arguments.is_on("no-new-privs")) process.no_new_privileges = true;
  process.apparmor_profile = arguments.value_or("apparmor", process.apparmor_profile);
  process.selinux_label = arguments.value_or("process-label", process.selinux_label);
  process.kept_descriptors = kept_descriptors(arguments);
  process.terminal.reset();
  if (arguments.is_on("tty")) process.terminal = Terminal{{true, true, true}};
  return process;
}

}  // namespace

LoadedProcess asked_process(const Arguments& arguments, const Process& of_container) {
  const auto file = arguments.value("process");
  LoadedProcess out = file ? from_file(arguments, *file, of_container)
                           : LoadedProcess{from_words(arguments, of_container), {}};
  // A container that runs is not changed by who joins it.
  out.process.make_workdir = false;
  return out;
}

}  // namespace mydocker::oci
