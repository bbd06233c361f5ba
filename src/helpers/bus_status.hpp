// How mydocker-systemd ends: its exit statuses, which MyDocker turns into advice.
#pragma once

namespace mydocker::bus_status {

inline constexpr int kDone = 0;
inline constexpr int kRefused = 1;    // by the bus or by systemd; or the job failed
inline constexpr int kUsage = 2;      // its own words
inline constexpr int kNoSystemd = 3;  // no bus here, or no systemd on it
inline constexpr int kTimedOut = 4;

}  // namespace mydocker::bus_status
