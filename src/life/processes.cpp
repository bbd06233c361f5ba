#include "life/processes.hpp"

#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>

#include "helpers/numbers.hpp"
#include "helpers/text.hpp"
#include "oci/lifecycle.hpp"
#include "oci/store.hpp"
#include "sys/files.hpp"

namespace mydocker::life {
namespace {

// The number of the namespace; 0 if the process is gone or another's.
ino_t pid_namespace_of(const std::string& pid) {
  struct stat info {};
  return ::stat(("/proc/" + pid + "/ns/pid").c_str(), &info) == 0 ? info.st_ino : 0;
}

}  // namespace

std::vector<pid_t> processes_of(const Places& places, const Container& container) {
  if (container.kind == Kind::oci) {
    const auto found = oci::Store(places.states).open(container.id);
    return oci::processes_of(found, found.read_state());
  }
  std::vector<pid_t> out;
  if (!open_init(places, container)) return out;
  const ino_t wanted = pid_namespace_of(std::to_string(container.pid));
  if (wanted == 0) return out;
  for (const auto& name : sys::names_in("/proc")) {
    const auto pid = numbers::parse(name, INT32_MAX);
    if (pid && pid_namespace_of(name) == wanted) out.push_back(static_cast<pid_t>(*pid));
  }
  std::sort(out.begin(), out.end());
  return out;
}

std::optional<ProcessFacts> facts_of(pid_t pid) {
  const std::string folder = "/proc/" + std::to_string(pid);
  const auto status = sys::try_read_file(folder + "/status"),
             stat = sys::try_read_file(folder + "/stat"),
             words = sys::try_read_file(folder + "/cmdline");
  if (!status || !stat || !words) return std::nullopt;
  ProcessFacts out{.pid = pid, .pid_inside = pid};
  for (const auto line : text::split(*status, '\n')) {
    const auto parts = text::words(line);
    if (parts.size() < 2) continue;
    const auto number = numbers::parse(parts[1]).value_or(0);
    if (parts[0] == "PPid:") out.parent = static_cast<pid_t>(number);
    if (parts[0] == "Uid:") out.user = static_cast<uid_t>(number);
    if (parts[0] == "VmRSS:") out.memory = number * 1024;
    if (parts[0] == "NSpid:")
      out.pid_inside = static_cast<pid_t>(numbers::parse(parts.back()).value_or(0));
    if (parts[0] == "Name:") out.command = parts[1];
  }
  // Behind the name in brackets, which may hold anything: the state is field 3, the times 14 and 15.
  const auto fields = text::words(std::string_view(*stat).substr(stat->rfind(')') + 1));
  constexpr std::size_t kUser = 11, kKernel = 12;
  if (fields.size() > kKernel) {
    const std::uint64_t ticks =
        numbers::parse(fields[kUser]).value_or(0) + numbers::parse(fields[kKernel]).value_or(0);
    out.cpu = ticks * (1000000000U / static_cast<std::uint64_t>(::sysconf(_SC_CLK_TCK)));
  }
  if (!words->empty())
    out.command = text::trimmed(text::replaced(*words, std::string_view("\0", 1), " "));
  return out;
}

std::string short_table(const std::vector<pid_t>& pids) {
  std::vector<std::vector<std::string>> lines{{"PID", "COMMAND"}};
  for (const pid_t pid : pids) {
    const auto name = sys::try_read_file("/proc/" + std::to_string(pid) + "/comm");
    lines.push_back({std::to_string(pid), text::printable(text::trimmed(name.value_or("")))});
  }
  return table(lines);
}

std::string table(const std::vector<std::vector<std::string>>& lines) {
  std::vector<std::size_t> widths(lines.front().size());
  for (const auto& line : lines) {
    for (std::size_t i = 0; i < line.size(); ++i) widths[i] = std::max(widths[i], line[i].size());
  }
  std::string out;
  for (const auto& line : lines) {
    std::string text;
    for (std::size_t i = 0; i < line.size(); ++i) {
      text += line[i];
      if (i + 1 < line.size()) text.append(widths[i] - line[i].size() + 2, ' ');
    }
    out += text.substr(0, text.find_last_not_of(' ') + 1) + "\n";
  }
  return out;
}

}  // namespace mydocker::life
