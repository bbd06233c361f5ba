// The errors of MyDocker, and the exit statuses that they end in.
#pragma once

#include <string>
#include <string_view>
#include <system_error>

namespace mydocker {

// What MyDocker returns when the status is not the entrypoint's own (docker's and env(1)'s
// numbers).
namespace exit_status {
inline constexpr int kUsage = 2;      // the command line cannot be understood; nothing was made
inline constexpr int kTimeout = 124;  // --timeout ended the container
inline constexpr int kFailure = 125;  // MyDocker itself failed
inline constexpr int kNotExecutable = 126;
inline constexpr int kNotFound = 127;
inline constexpr int kSignalBase = 128;  // plus the number of the signal that ended the entrypoint
inline constexpr int kKilled = 137;
}  // namespace exit_status

// A step of the plan failed. Carries what a person needs: where, what was asked, the errno, what
// to do.
class SetupError : public std::system_error {
 public:
  // `stage` names the folder of src; `doing` is the request in words (describe(action));
  // `error` an errno; `hint` advice or empty; `status` what the program exits with.
  SetupError(std::string stage, std::string doing, int error, std::string hint,
             int status = exit_status::kFailure);

  [[nodiscard]] const std::string& stage() const noexcept { return stage_; }
  [[nodiscard]] const std::string& doing() const noexcept { return doing_; }
  [[nodiscard]] const std::string& hint() const noexcept { return hint_; }
  [[nodiscard]] int status() const noexcept { return status_; }

 private:
  std::string stage_, doing_, hint_;
  int status_;
};

// The command line, or a value in it, is wrong: one line, exit status 2, nothing was made.
class UsageError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

// "operation not permitted (EPERM)": errno(3)'s name beside its text, in lower case.
[[nodiscard]] std::string errno_text(int error);

// What can be done about an errno whatever was asked; empty for most.
[[nodiscard]] std::string advice_for(int error);

// A call that failed outside of the plan's requests: the call is all that is known of it.
[[nodiscard]] SetupError as_setup_error(const std::system_error& error);

// The two lines that a person reads: "MyDocker: stage: request: error" and "  hint: ..." if there
// is one.
[[nodiscard]] std::string message_of(const SetupError& error);

}  // namespace mydocker
