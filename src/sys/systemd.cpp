#include "sys/systemd.hpp"

#include <sys/stat.h>
#include <unistd.h>

#include <cstdlib>
#include <iterator>

#include "helpers/bus_status.hpp"
#include "helpers/text.hpp"
#include "sys/carried.hpp"
#include "sys/files.hpp"

namespace mydocker::sys {
namespace {

constexpr const char* kName = "mydocker-systemd";
constexpr const char* kInstead = "use --cgroup-manager cgroupfs";

// Where the bus is, and nothing else of the caller's.
std::vector<std::string> environment_for(Systemd systemd) {
  std::vector<std::string> out;
  const auto keep = [&](const char* name) {
    const char* const value = std::getenv(name);
    if (value != nullptr) out.push_back(std::string(name) + "=" + value);
  };
  if (systemd == Systemd::of_system) {
    keep("DBUS_SYSTEM_BUS_ADDRESS");
  } else {
    keep("DBUS_SESSION_BUS_ADDRESS");
    keep("XDG_RUNTIME_DIR");
  }
  return out;
}

std::string advice_for(int status, Systemd systemd) {
  if (status == bus_status::kTimedOut) return "is systemd busy? 'systemctl list-jobs' tells";
  if (status != bus_status::kNoSystemd) return "";
  if (!is_systemd_running()) {
    return std::string(
               "the systemd driver needs systemd as init: /run/systemd/system does not exist; ") +
           kInstead;
  }
  if (systemd == Systemd::of_user) {
    return std::string(
               "without root it needs the systemd of a user who has logged in, and "
               "XDG_RUNTIME_DIR; ") +
           kInstead;
  }
  return std::string("the systemd driver needs D-Bus: install the package dbus, or ") + kInstead;
}

Finished run_helper(const std::vector<std::string>& words, Systemd systemd) {
  if (bus_helper().empty()) {
    throw SystemdError("this MyDocker was built without libsystemd",
                       std::string("build it where libsystemd-dev is installed, or ") + kInstead);
  }
  return run_carried(bus_helper(), words, environment_for(systemd));
}

// What it printed. `words`: its verb and what follows it.
std::string ask(Systemd systemd, std::chrono::milliseconds patience,
                std::vector<std::string> words) {
  std::vector<std::string> all{kName, "--timeout", std::to_string(patience.count())};
  if (systemd == Systemd::of_user) all.emplace_back("--user");
  std::move(words.begin(), words.end(), std::back_inserter(all));
  const Finished finished = run_helper(all, systemd);
  std::string said = text::trimmed(finished.output);
  if (finished.status == bus_status::kDone) return said;
  // The loader of shared libraries ends so, too.
  if (finished.status == kNotRun) {
    throw SystemdError(said.empty() ? "the program that speaks to systemd cannot be run" : said,
                       std::string("the systemd driver needs libsystemd.so.0; ") + kInstead);
  }
  if (said.empty())
    said.append("the program that speaks to systemd ended with ")
        .append(std::to_string(finished.status));
  throw SystemdError(said, advice_for(finished.status, systemd));
}

void append(std::vector<std::string>& words, const UnitProperties& properties) {
  for (const auto& [name, value] : properties) words.push_back(name + "=" + value);
}

}  // namespace

bool is_systemd_running() { return exists("/run/systemd/system"); }

Systemd own_systemd(const std::string& mark) {
  struct stat info {};
  const bool is_root = ::geteuid() == 0 && (::stat(mark.c_str(), &info) < 0 || info.st_uid == 0);
  return is_root ? Systemd::of_system : Systemd::of_user;
}

void start_unit(Systemd systemd, const NewUnit& unit, pid_t pid,
                std::chrono::milliseconds patience) {
  std::vector<std::string> words{"start", unit.name, unit.slice, std::to_string(pid),
                                 unit.description};
  append(words, unit.properties);
  ask(systemd, patience, std::move(words));
}

void set_unit_properties(Systemd systemd, const std::string& unit,
                         const UnitProperties& properties) {
  std::vector<std::string> words{"set", unit};
  append(words, properties);
  ask(systemd, kUnitPatience, std::move(words));
}

void stop_unit(Systemd systemd, const std::string& unit, std::chrono::milliseconds patience) {
  ask(systemd, patience, {"stop", unit});
}

std::string systemd_root(Systemd systemd) {
  std::string root = ask(systemd, kUnitPatience, {"root"});
  return root == "/" ? "" : root;
}

}  // namespace mydocker::sys
