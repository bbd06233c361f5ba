#include "runtime/linux_executor.hpp"

#include "mydocker/error.hpp"
#include "runtime/hints.hpp"
#include "sys/firewall.hpp"
#include "sys/netlink.hpp"
#include "sys/systemd.hpp"

namespace mydocker {
namespace {

// Of the request in words: behind that come all rules.
constexpr std::size_t kMostOfRules = 60;

}  // namespace

void LinuxExecutor::perform(const Step& step) {
  try {
    std::visit([this](const auto& action) { act(action); }, step.action);
  } catch (const SetupError&) {
    throw;
  } catch (const sys::SystemdError& error) {
    // No errno stands for what systemd says.
    throw SetupError(std::string(step.stage), describe(step.action) + ": " + error.what(), 0,
                     error.hint());
  } catch (const sys::FirewallError& error) {
    throw SetupError(std::string(step.stage),
                     describe(step.action).substr(0, kMostOfRules) + ": " + error.what(), 0,
                     error.hint());
  } catch (const sys::NetlinkError& error) {
    // The kernel's own words are the best advice, where it has some.
    const int number = error.code().value();
    const std::string hint = hint_for(step.action, number);
    throw SetupError(std::string(step.stage), describe(step.action) + ": netlink", number,
                     hint.empty() ? error.words() : hint, status_for(step.action, number));
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
