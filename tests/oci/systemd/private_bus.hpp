// A bus of a test's own, and on it a systemd that does what the test wants.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "support/host.hpp"
#include "support/run.hpp"

namespace mydocker::test {

// Whether dbus-daemon(1) is installed.
[[nodiscard]] bool has_dbus_daemon();

class PrivateBus {
 public:
  // `by` stands before the daemon's own words: another user's, for example.
  explicit PrivateBus(std::vector<std::string> by = {});

  [[nodiscard]] const std::string& address() const { return address_; }
  // Starts the fake with these words.
  void start_systemd(std::vector<std::string> words = {});
  // Waits until it has heard this.
  [[nodiscard]] bool hears(const std::string& text) const;
  // Ends it. The calls that came, a line each.
  [[nodiscard]] std::string end_systemd();

 private:
  TemporaryFolder folder_;
  std::string address_;
  std::optional<Running> daemon_, systemd_;
};

// mydocker-systemd by itself, with the bus at `address` for the system's.
[[nodiscard]] Result ask_systemd(const std::string& address, std::vector<std::string> words);

}  // namespace mydocker::test
