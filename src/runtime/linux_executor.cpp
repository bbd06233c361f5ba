#include "runtime/linux_executor.hpp"

#include "mydocker/error.hpp"
#include "runtime/hints.hpp"
#include "sys/systemd.hpp"

namespace mydocker {

void LinuxExecutor::perform(const Step& step) {
  try {
    std::visit([this](const auto& action) { act(action); }, step.action);
  } catch (const SetupError&) {
    throw;
  } catch (const sys::SystemdError& error) {
    // No errno stands for what systemd says.
    throw SetupError(std::string(step.stage), describe(step.action) + ": " + error.what(), 0,
                     error.hint());
  } catch (const std::system_error& error) {
    const int number = error.code().value();
    const std::string call =
        std::string(error.what()).substr(0, std::string(error.what()).find(':'));
    throw SetupError(std::string(step.stage), describe(step.action) + ": " + call, number,
                     hint_for(step.action, number), status_for(step.action, number));
  }
}

bool LinuxExecutor::undo(const Action& action) noexcept {
  try {
    std::visit([this](const auto& a) { act(a); }, action);
    return true;
  } catch (const std::exception&) {
    return false;
  }
}

}  // namespace mydocker
