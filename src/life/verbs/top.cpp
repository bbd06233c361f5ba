// top: the processes of a container, with what each has used.
#include <cstdio>

#include "helpers/numbers.hpp"
#include "helpers/text.hpp"
#include "life/processes.hpp"
#include "life/verbs.hpp"
#include "mydocker/error.hpp"

namespace mydocker::life {
namespace {

std::string time_text(std::uint64_t nanoseconds) {
  constexpr std::uint64_t kCentisecond = 10000000;
  const std::uint64_t all = nanoseconds / kCentisecond;
  char out[48];
  std::snprintf(out, sizeof out, "%llu:%02llu.%02llu", static_cast<unsigned long long>(all / 6000),
                static_cast<unsigned long long>(all / 100 % 60),
                static_cast<unsigned long long>(all % 100));
  return out;
}

int top(const Call& call) {
  const std::string& id = call.ids().front();
  const Container container = find(call.places, id);
  if (container.pid == 0)
    throw UsageError("top " + text::quoted(id) + ": it is " +
                     std::string(name_of(container.status)));
  std::vector<std::vector<std::string>> lines{
      {"UID", "PID", "INSIDE", "PPID", "TIME", "MEMORY", "COMMAND"}};
  for (const pid_t pid : processes_of(call.places, container)) {
    const auto facts = facts_of(pid);
    if (!facts) continue;
    lines.push_back({std::to_string(facts->user), std::to_string(pid),
                     std::to_string(facts->pid_inside), std::to_string(facts->parent),
                     time_text(facts->cpu), numbers::size_text(Bytes{facts->memory}),
                     text::printable(facts->command)});
  }
  print(table(lines));
  return 0;
}

}  // namespace

const Verb top_verb{
    "top", "Shows the processes of a container.", {}, oci::Rest::flags_too, 1, 1, "ID", top};

}  // namespace mydocker::life
