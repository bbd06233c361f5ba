// mydocker-systemd: what MyDocker asks of systemd, by the bus. A program of its own, because
// libsystemd is a shared library and MyDocker has none: see README.md.
//
//   mydocker-systemd [--user] [--timeout MILLISECONDS] VERB ...
//     start UNIT SLICE PID DESCRIPTION [NAME=VALUE...]
//     set UNIT NAME=VALUE...
//     stop UNIT
//     root                  prints the cgroup below which this systemd's slices are
//
// An error is one line on standard error and a status of helpers/bus_status.hpp.
#include <unistd.h>

#include <algorithm>
#include <cstring>
#include <iterator>
#include <optional>
#include <span>

#include "helpers/bus_status.hpp"
#include "helpers/numbers.hpp"
#include "systemd/bus.hpp"
#include "systemd/properties.hpp"

namespace mydocker::bus {
namespace {

constexpr std::string_view kUnitExists = "org.freedesktop.systemd1.UnitExists";
constexpr std::string_view kNoSuchUnit = "org.freedesktop.systemd1.NoSuchUnit";

using Words = std::span<const char* const>;
using Properties = std::vector<Property>;

bool is_letter(char c) { return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z'); }

// "Cannot set property TasksMax, or unknown property.": `name` as a word of its own.
bool names(const std::string& text, const std::string& name) {
  for (auto at = text.find(name); at != std::string::npos; at = text.find(name, at + 1)) {
    const auto end = at + name.size();
    if ((at == 0 || !is_letter(text[at - 1])) && (end == text.size() || !is_letter(text[end])))
      return true;
  }
  return false;
}

// Leaves out what this systemd has refused, where it can do without. False if there is no such.
bool leave_out(Properties& properties, const Refusal& refusal) {
  if (refusal.name != SD_BUS_ERROR_PROPERTY_READ_ONLY &&
      refusal.name != SD_BUS_ERROR_UNKNOWN_PROPERTY && refusal.name != SD_BUS_ERROR_INVALID_ARGS)
    return false;
  return std::erase_if(properties, [&](const Property& property) {
           return !property.is_needed && names(refusal.text, property.name);
         }) > 0;
}

Properties parse_properties(Words words) {
  Properties out;
  for (const char* const word : words) out.push_back(parse_property(word));
  return out;
}

std::string job_of(const Message& reply) {
  const char* job = nullptr;
  check(sd_bus_message_read(reply.get(), "o", &job), "cannot read systemd's answer");
  return job;
}

void append_words(const Message& message, const char* first, const char* second) {
  check(sd_bus_message_append(message.get(), "ss", first, second), "cannot write a message");
}

// A unit that has failed is kept, under its name, until somebody has seen that.
void forget_failure(const Connection& systemd, const char* unit) {
  try {
    const Message message = systemd.new_call("ResetFailedUnit");
    check(sd_bus_message_append(message.get(), "s", unit), "cannot write a message");
    systemd.call(message);
  } catch (const Refusal&) {
    // There is none.
  }
}

Properties properties_of_unit(std::string_view unit, const char* slice, const char* pid,
                              const char* description) {
  Properties out{{"Description", description, true}, {"DefaultDependencies", "false", true}};
  if (unit.ends_with(".slice")) {
    // A slice is in the slice that its name says, and holds no processes that it is given.
    out.push_back({"Wants", slice, true});
  } else {
    out.push_back({"Slice", slice, true});
    out.push_back({"PIDs", pid, true});
    // The container's processes may make cgroups below it, and systemd leaves those alone.
    out.push_back({"Delegate", "true", true});
  }
  for (const char* const each : {"Memory", "CPU", "Tasks", "IO"})
    out.push_back({std::string(each) + "Accounting", "true"});
  // Also when it has failed nothing is left of it.
  out.push_back({"CollectMode", "inactive-or-failed"});
  return out;
}

std::string request_start(const Connection& systemd, const char* unit, Properties properties) {
  for (bool is_leftover = true;;) {
    try {
      const Message message = systemd.new_call("StartTransientUnit");
      append_words(message, unit, "fail");
      append(message.get(), properties);
      check(sd_bus_message_append(message.get(), "a(sa(sv))", 0), "cannot write a message");
      return job_of(systemd.call(message));
    } catch (const Refusal& refusal) {
      if (refusal.name == kUnitExists && is_leftover) {
        forget_failure(systemd, unit);
        is_leftover = false;  // the next time it is one that runs
      } else if (!leave_out(properties, refusal)) {
        throw;
      }
    }
  }
}

void start(Connection& systemd, Words words) {
  const char* const unit = words[0];
  Properties properties = properties_of_unit(unit, words[1], words[2], words[3]);
  std::ranges::move(parse_properties(words.subspan(4)), std::back_inserter(properties));
  systemd.subscribe();
  std::string result;
  try {
    result = systemd.result_of(request_start(systemd, unit, std::move(properties)));
  } catch (const Failure& failure) {
    // It may still come to be: whoever reports a failure leaves nothing behind.
    if (failure.status == bus_status::kTimedOut) systemd.tell("StopUnit", "ss", unit, "replace");
    throw;
  }
  if (result == "done") return;
  systemd.tell("ResetFailedUnit", "s", unit);
  throw Failure{bus_status::kRefused,
                "StartTransientUnit: the job of " + std::string(unit) + " ended: " + result};
}

void set(Connection& systemd, Words words) {
  Properties properties = parse_properties(words.subspan(1));
  while (!properties.empty()) {
    try {
      const Message message = systemd.new_call("SetUnitProperties");
      constexpr int kUntilReboot = 1;
      check(sd_bus_message_append(message.get(), "sb", words[0], kUntilReboot),
            "cannot write a message");
      append(message.get(), properties);
      systemd.call(message);
      return;
    } catch (const Refusal& refusal) {
      if (!leave_out(properties, refusal)) throw;
    }
  }
}

void stop(Connection& systemd, Words words) {
  const char* const unit = words[0];
  systemd.subscribe();
  std::string result;
  try {
    const Message message = systemd.new_call("StopUnit");
    append_words(message, unit, "replace");
    result = systemd.result_of(job_of(systemd.call(message)));
  } catch (const Refusal& refusal) {
    if (refusal.name == kNoSuchUnit) return;  // its last process has ended before
    throw;
  }
  forget_failure(systemd, unit);
  if (result != "done") {
    throw Failure{bus_status::kRefused,
                  "StopUnit: the job of " + std::string(unit) + " ended: " + result};
  }
}

void root(Connection& systemd, Words) {
  const std::string path = systemd.text_property("ControlGroup") + "\n";
  (void)!::write(STDOUT_FILENO, path.data(), path.size());
}

struct Verb {
  std::string_view name;
  std::size_t words;  // at least
  void (*run)(Connection& systemd, Words words);
};
constexpr Verb kVerbs[] = {
    {"start", 4, start}, {"set", 1, set}, {"stop", 1, stop}, {"root", 0, root}};

void run(Words words) {
  auto to = Connection::To::system;
  std::chrono::milliseconds patience = std::chrono::seconds(30);
  for (; !words.empty() && words[0][0] == '-'; words = words.subspan(1)) {
    const std::string_view option = words[0];
    const auto value = words.size() > 1 ? numbers::parse(words[1], INT32_MAX) : std::nullopt;
    if (option == "--user") {
      to = Connection::To::user;
    } else if (option == "--timeout" && value) {
      patience = std::chrono::milliseconds(*value);
      words = words.subspan(1);
    } else {
      throw Failure{bus_status::kUsage, "unknown option " + std::string(option)};
    }
  }
  const auto* const verb = std::ranges::find_if(kVerbs, [&](const Verb& v) {
    return !words.empty() && v.name == words[0] && words.size() > v.words;
  });
  if (verb == std::end(kVerbs)) throw Failure{bus_status::kUsage, "start, set, stop or root"};
  Connection systemd(to, patience);
  verb->run(systemd, words.subspan(1));
}

int report(int status, std::string line) {
  std::ranges::replace(line, '\n', ' ');
  line += '\n';
  (void)!::write(STDERR_FILENO, line.data(), line.size());
  return status;
}

}  // namespace
}  // namespace mydocker::bus

int main(int argc, char** argv) {
  using namespace mydocker::bus;
  try {
    run(Words(argv, static_cast<std::size_t>(argc)).subspan(argc > 0 ? 1 : 0));
    return mydocker::bus_status::kDone;
  } catch (const Refusal& refusal) {
    std::string line = refusal.method + ": ";
    line += refusal.text.empty() ? std::strerror(refusal.error) : refusal.text;
    if (!refusal.name.empty()) line += " (" + refusal.name + ")";
    return report(mydocker::bus_status::kRefused, line);
  } catch (const Failure& failure) {
    return report(failure.status, failure.line);
  } catch (const std::exception& error) {
    return report(mydocker::bus_status::kRefused, error.what());
  }
}
