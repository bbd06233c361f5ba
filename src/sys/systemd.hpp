// systemd, asked by a small program of its own (src/systemd) that is carried in this one and runs
// from memory: a start that does not ask for systemd pays nothing for it.
#pragma once

#include <sys/types.h>

#include <chrono>
#include <stdexcept>
#include <string>

#include "mydocker/systemd_unit.hpp"

namespace mydocker::sys {

// What systemd, or the bus on the way to it, had against a request: its own words, and advice.
class SystemdError : public std::runtime_error {
 public:
  SystemdError(const std::string& text, std::string hint)
      : std::runtime_error(text), hint_(std::move(hint)) {}
  [[nodiscard]] const std::string& hint() const noexcept { return hint_; }

 private:
  std::string hint_;
};

// Whether systemd is this host's init; see sd_booted(3).
[[nodiscard]] bool is_systemd_running();

// The one that makes units for this process: the host's for root, the user's for everybody else, and
// for who is root in a user namespace alone: there `mark`, which root has made, is a stranger's.
[[nodiscard]] Systemd own_systemd(const std::string& mark = "/run/systemd/system");

inline constexpr std::chrono::milliseconds kUnitPatience = std::chrono::seconds(30);

struct NewUnit {
  std::string name, slice, description;
  UnitProperties properties;
};

// All that follow throw SystemdError.

// Makes the unit and moves the process into it; done when that is done. A slice gets no process.
void start_unit(Systemd systemd, const NewUnit& unit, pid_t pid,
                std::chrono::milliseconds patience = kUnitPatience);

// Until the next start of the host. What this systemd does not know is left out.
void set_unit_properties(Systemd systemd, const std::string& unit,
                         const UnitProperties& properties);

// Ends what still runs in the unit, and the unit. One that is gone is fine.
void stop_unit(Systemd systemd, const std::string& unit,
               std::chrono::milliseconds patience = kUnitPatience);

// The cgroup below which the slices are, below each hierarchy's mount point: "" for the host's
// systemd, "/user.slice/user-1000.slice/user@1000.service" for a user's.
[[nodiscard]] std::string systemd_root(Systemd systemd);

}  // namespace mydocker::sys
