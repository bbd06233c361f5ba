#include "systemd/bus.hpp"

#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <string_view>

#include "helpers/bus_status.hpp"

namespace mydocker::bus {
namespace {

constexpr const char* kName = "org.freedesktop.systemd1";
constexpr const char* kPath = "/org/freedesktop/systemd1";
constexpr const char* kInterface = "org.freedesktop.systemd1.Manager";

std::string words_for(int error) { return std::strerror(error); }

// The bus answers so in the place of a systemd that is not there. The bus of a distribution may
// have a file that names a program to start for it, which cannot do that.
bool is_absence(std::string_view error) {
  return error == SD_BUS_ERROR_SERVICE_UNKNOWN || error == SD_BUS_ERROR_NAME_HAS_NO_OWNER ||
         error.starts_with("org.freedesktop.DBus.Error.Spawn.");
}

class Error {
 public:
  Error() = default;
  ~Error() { sd_bus_error_free(&error_); }
  Error(const Error&) = delete;
  Error& operator=(const Error&) = delete;
  [[nodiscard]] sd_bus_error* get() { return &error_; }
  [[nodiscard]] std::string name() const { return error_.name != nullptr ? error_.name : ""; }
  [[nodiscard]] std::string text() const { return error_.message != nullptr ? error_.message : ""; }

 private:
  sd_bus_error error_ = SD_BUS_ERROR_NULL;
};

std::unique_ptr<sd_bus, Unref> open_bus(Connection::To to) {
  const bool of_user = to == Connection::To::user;
  sd_bus* bus = nullptr;
  const int result = of_user ? sd_bus_open_user(&bus) : sd_bus_open_system(&bus);
  if (result >= 0) return std::unique_ptr<sd_bus, Unref>(bus);
  const bool is_absent =
      result == -ENOENT || result == -ECONNREFUSED || result == -ENOMEDIUM || result == -ENOTDIR;
  throw Failure{is_absent ? bus_status::kNoSystemd : bus_status::kRefused,
                std::string("cannot reach the bus of the ") + (of_user ? "user" : "system") + ": " +
                    words_for(-result)};
}

// An address from the environment of another user (su, sudo) leads to that user's systemd, which
// would own the container.
void refuse_foreign(sd_bus* bus) {
  sd_bus_creds* raw = nullptr;
  check(sd_bus_get_owner_creds(bus, SD_BUS_CREDS_EUID, &raw), "cannot tell whose bus it is");
  const std::unique_ptr<sd_bus_creds, Unref> owner(raw);
  uid_t uid = 0;
  check(sd_bus_creds_get_euid(owner.get(), &uid), "cannot tell whose bus it is");
  if (uid == ::geteuid()) return;
  throw Failure{bus_status::kRefused, "the bus of the user is that of user " + std::to_string(uid) +
                                          ", not of " + std::to_string(::geteuid())};
}

[[noreturn]] void time_out(const std::string& what) {
  throw Failure{bus_status::kTimedOut, what + ": no answer in time"};
}

}  // namespace

void check(int result, const char* what) {
  if (result < 0)
    throw Failure{bus_status::kRefused, std::string(what) + ": " + words_for(-result)};
}

Connection::Connection(To to, std::chrono::milliseconds patience)
    : bus_(open_bus(to)), end_(std::chrono::steady_clock::now() + patience) {
  if (to == To::user) refuse_foreign(bus_.get());
  // Else the first call would wait for the bus's greeting, with libsystemd's own patience.
  process_until([this] { return sd_bus_is_ready(bus_.get()) != 0; }, "the bus");
}

void Connection::process_until(const std::function<bool()>& is_reached, const std::string& what) {
  while (!is_reached()) {
    const int processed = sd_bus_process(bus_.get(), nullptr);
    check(processed, "the bus hangs up");
    if (processed > 0) continue;
    if (std::chrono::steady_clock::now() >= end_) time_out(what);
    check(sd_bus_wait(bus_.get(), static_cast<std::uint64_t>(time_left().count())),
          "cannot wait for the bus");
  }
}

std::chrono::microseconds Connection::time_left() const {
  const auto left = end_ - std::chrono::steady_clock::now();
  // Zero would mean libsystemd's own patience.
  return std::max(std::chrono::duration_cast<std::chrono::microseconds>(left),
                  std::chrono::microseconds(1));
}

Message Connection::new_call(const char* method) const {
  sd_bus_message* raw = nullptr;
  check(sd_bus_message_new_method_call(bus_.get(), &raw, kName, kPath, kInterface, method),
        "cannot write a message");
  Message message(raw);
  check(sd_bus_message_set_auto_start(raw, 0), "cannot write a message");
  return message;
}

Message Connection::call(const Message& request) const {
  const std::string method = sd_bus_message_get_member(request.get());
  Error error;
  sd_bus_message* reply = nullptr;
  const int result =
      sd_bus_call(bus_.get(), request.get(), static_cast<std::uint64_t>(time_left().count()),
                  error.get(), &reply);
  if (result >= 0) return Message(reply);
  if (result == -ETIMEDOUT) time_out(method);
  if (is_absence(error.name()))
    throw Failure{bus_status::kNoSystemd, "no systemd on this bus (" + error.name() + ")"};
  throw Refusal{method, error.name(), error.text(), -result};
}

void Connection::tell(const char* method, const char* signature, const char* first,
                      const char* second) const noexcept {
  // The answer is waited for a moment: a bus may drop what comes from who has gone already.
  constexpr std::uint64_t kSecond = 1000000;
  try {
    const Message message = new_call(method);
    sd_bus_message_append(message.get(), signature, first, second);
    sd_bus_call(bus_.get(), message.get(), kSecond, nullptr, nullptr);
  } catch (const Failure&) {
    // There is another failure to be told.
  }
}

std::string Connection::text_property(const char* name) const {
  Error error;
  char* value = nullptr;
  const int result =
      sd_bus_get_property_string(bus_.get(), kName, kPath, kInterface, name, error.get(), &value);
  if (is_absence(error.name()))
    throw Failure{bus_status::kNoSystemd, "no systemd on this bus (" + error.name() + ")"};
  check(result, name);
  const std::unique_ptr<char, decltype(&std::free)> owner(value, &std::free);
  return value;
}

void Connection::subscribe() {
  check(sd_bus_match_signal(bus_.get(), nullptr, kName, kPath, kInterface, "JobRemoved",
                            on_job_removed, this),
        "cannot listen to the bus");
  // Without anybody who subscribes systemd sends no signals.
  call(new_call("Subscribe"));
}

int Connection::on_job_removed(sd_bus_message* signal, void* self, sd_bus_error*) {
  std::uint32_t id = 0;
  const char *job = nullptr, *unit = nullptr, *result = nullptr;
  if (sd_bus_message_read(signal, "uoss", &id, &job, &unit, &result) < 0) return 0;
  auto& connection = *static_cast<Connection*>(self);
  if (connection.job_ == job) connection.result_ = result;
  return 0;
}

std::string Connection::result_of(const std::string& job) {
  // Signals that came before the answer lie in the queue still: they are only looked at here.
  job_ = job;
  result_.clear();
  process_until([this] { return !result_.empty(); }, "the job " + job);
  return result_;
}

}  // namespace mydocker::bus
