#include "oci/seccomp_listener.hpp"

#include "helpers/text.hpp"
#include "mydocker/error.hpp"
#include "oci/state_json.hpp"
#include "sys/descriptors.hpp"

namespace mydocker::oci {

std::function<void(UniqueFd, pid_t)> listener_of(const SeccompChoice& seccomp, const State& state) {
  const auto* const profile = std::get_if<SeccompProfile>(&seccomp);
  if (profile == nullptr || profile->listener_path.empty()) return {};
  return [profile, &state](UniqueFd listener, pid_t pid) {
    try {
      sys::send_descriptor(profile->listener_path, listener.get(),
                           listener_state_json(state, profile->listener_metadata, pid));
    } catch (const std::system_error& error) {
      throw SetupError("seccomp",
                       "send the listener to the socket " + text::quoted(profile->listener_path),
                       error.code().value(), "linux.seccomp.listenerPath names the agent's socket");
    }
  };
}

}  // namespace mydocker::oci
