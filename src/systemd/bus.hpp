// systemd's manager on the bus, through libsystemd. See sd-bus(3), org.freedesktop.systemd1(5).
#pragma once

#include <systemd/sd-bus.h>

#include <chrono>
#include <functional>
#include <memory>
#include <string>

namespace mydocker::bus {

// What ends the program: an exit status of bus_status.hpp, and its one line.
struct Failure {
  int status;
  std::string line;
};

// An error that came back from the other side.
struct Refusal {
  std::string method, name, text;
  int error = 0;  // libsystemd's errno for it
};

// Throws Failure if the result of a call to libsystemd is an error.
void check(int result, const char* what);

struct Unref {
  // Without a flush, which would wait for a bus that says nothing.
  void operator()(sd_bus* bus) const { sd_bus_close_unref(bus); }
  void operator()(sd_bus_message* message) const { sd_bus_message_unref(message); }
  void operator()(sd_bus_creds* creds) const { sd_bus_creds_unref(creds); }
};
using Message = std::unique_ptr<sd_bus_message, Unref>;

class Connection {
 public:
  enum class To { system, user };
  // Throws Failure if there is no bus, or if it is another user's. All that is asked has to happen
  // within `patience` from now on.
  Connection(To to, std::chrono::milliseconds patience);

  // A call of the manager, still without arguments.
  [[nodiscard]] Message new_call(const char* method) const;
  // The answer. Throws Refusal, or Failure.
  Message call(const Message& request) const;
  // Asked when the patience is at its end; whether it works does not matter.
  void tell(const char* method, const char* signature, const char* first,
            const char* second = nullptr) const noexcept;
  // A property of the manager. Throws Failure.
  [[nodiscard]] std::string text_property(const char* name) const;

  // From here on the ends of jobs are heard. Before the call that starts one: else a quick one ends
  // unheard.
  void subscribe();
  // How the job ended: "done", "failed", ... Throws Failure.
  [[nodiscard]] std::string result_of(const std::string& job);

 private:
  static int on_job_removed(sd_bus_message* signal, void* self, sd_bus_error* error);
  void process_until(const std::function<bool()>& is_reached, const std::string& what);
  [[nodiscard]] std::chrono::microseconds time_left() const;

  std::unique_ptr<sd_bus, Unref> bus_;
  std::chrono::steady_clock::time_point end_;
  std::string job_, result_;
};

}  // namespace mydocker::bus
