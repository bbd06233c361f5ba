#include "oci/activation.hpp"

#include <unistd.h>

#include <algorithm>
#include <cstdlib>

#include "helpers/numbers.hpp"

namespace mydocker::oci {
namespace {

constexpr const char *kCount = "LISTEN_FDS", *kNames = "LISTEN_FDNAMES", *kPid = "LISTEN_PID",
                     *kNotify = "NOTIFY_SOCKET";
constexpr std::uint64_t kMost = 1000;
// Where runc has the folder of its own.
constexpr const char* kSocketInside = "/run/notify/notify.sock";

std::string variable(const char* name) {
  const char* const value = std::getenv(name);
  return value == nullptr ? "" : value;
}

void add_variable(ContainerSpec& spec, const std::string& name, const std::string& value) {
  auto& all = spec.process.environment;
  const bool is_given = std::any_of(all.begin(), all.end(), [&](const std::string& each) {
    return each.starts_with(name + "=");
  });
  if (!is_given) all.push_back(name + "=" + value);
}

void hand_on_notify_socket(ContainerSpec& spec, const std::string& path) {
  if (!path.starts_with('/')) {  // in the network namespace: reachable if that is the host's
    if (!path.empty()) add_variable(spec, kNotify, path);
    return;
  }
  Mount socket;
  socket.kind = MountKind::bind;
  socket.source = path;
  socket.target = kSocketInside;
  socket.may_be_lacking = true;
  spec.mounts.push_back(std::move(socket));
  add_variable(spec, kNotify, kSocketInside);
}

}  // namespace

unsigned listening_descriptors() {
  if (variable(kPid) != std::to_string(::getpid())) return 0;
  return static_cast<unsigned>(numbers::parse(variable(kCount), kMost).value_or(0));
}

void hand_on_activation(ContainerSpec& spec) {
  hand_on_notify_socket(spec, variable(kNotify));
  const unsigned count = listening_descriptors();
  if (count == 0) return;
  add_variable(spec, kCount, std::to_string(count));
  // The number that the container's first process has for itself.
  add_variable(spec, kPid, "1");
  if (const std::string names = variable(kNames); !names.empty()) add_variable(spec, kNames, names);
}

}  // namespace mydocker::oci
