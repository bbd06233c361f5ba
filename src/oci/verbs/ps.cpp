// ps: the processes of a container, by their numbers on the host.
#include <unistd.h>

#include <string>

#include "helpers/text.hpp"
#include "mydocker/error.hpp"
#include "oci/lifecycle.hpp"
#include "oci/verbs.hpp"
#include "sys/files.hpp"

namespace mydocker::oci {
namespace {

constexpr Flag kFlags[] = {{"format", 'f', true, "table|json"}};

std::string as_json(const std::vector<pid_t>& pids) {
  std::string out = "[";
  for (const pid_t pid : pids) out += (out.size() > 1 ? "," : "") + std::to_string(pid);
  return out + "]\n";
}

std::string name_of(pid_t pid) {
  const auto name = sys::try_read_file("/proc/" + std::to_string(pid) + "/comm");
  return text::printable(text::trimmed(name.value_or("")));
}

std::string as_table(const std::vector<pid_t>& pids) {
  std::string out = "PID      COMMAND\n";
  for (const pid_t pid : pids) {
    std::string number = std::to_string(pid);
    number.resize(9, ' ');
    out += number + name_of(pid) + "\n";
  }
  return out;
}

int ps(const Surroundings& around, const Arguments& arguments) {
  const Container container = Store(around.global.root).open(arguments.words.front());
  const std::string format = arguments.value_or("format", "table");
  if (format != "table" && format != "json")
    throw UsageError("--format " + text::quoted(format) + ": allowed are table and json");
  const auto pids = processes_of(container, container.read_state());
  sys::write_all(STDOUT_FILENO, format == "json" ? as_json(pids) : as_table(pids));
  return 0;
}

}  // namespace

const Verb ps_verb{"ps", "Lists the processes of a container.", kFlags, Rest::words, 1, 100, "ID",
                   ps};

}  // namespace mydocker::oci
