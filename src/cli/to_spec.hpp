// From options to a ContainerSpec: ranges, defaults, refusals.
#pragma once

#include <array>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "cli/options.hpp"
#include "image/config.hpp"
#include "mydocker/spec.hpp"
#include "spec/users.hpp"
#include "sys/own_ids.hpp"

namespace mydocker::cli {

// What --image stands for: its layers, and what it says of the container.
struct ImageRoot {
  image::Config config;
  std::vector<std::string> lower;  // folders, the topmost first
  std::string folder;              // locked while it is in use
  std::optional<Disk> disk;        // in the place of the folders
};

// What the options' meaning depends on besides themselves; read by surroundings(), faked in tests.
struct Surroundings {
  std::function<std::optional<std::string>(const std::string&)>
      environment;                    // the caller's variables
  std::array<bool, 3> is_terminal{};  // standard input, output, error
  unsigned short rows = 24, columns = 80;
  std::string default_root;
  std::string random_id;
  // Where the network of a running container is, by its id; throws UsageError. Asked for only by
  // --network container:ID.
  std::function<std::string(const std::string& id)> network_of;
  // The CNI network of that name, its plugins found; throws UsageError. Asked for only by --network
  // cni:NAME.
  std::function<CniNetwork(const std::string& name)> cni_network;
  // The root's own /etc/passwd and /etc/group; asked for only if a user has to be looked up.
  std::function<UserFiles(const Root& root)> user_files;
  // The image of --image, unpacked if need be. Throws UsageError and SetupError.
  std::function<ImageRoot(const Options& options)> image_of;
  // Where the container `id` writes what is thrown away at its end; throws SetupError.
  std::function<std::string(const Options& options, const std::string& id)> writable_of;
  // Why the container may not inherit a descriptor; empty if it may.
  std::function<std::string(unsigned fd)> why_not_kept;
  // The seccomp profile in a file, for a container with these capabilities in its bounding set.
  // Throws UsageError.
  std::function<SeccompProfile(const std::string& file, const std::vector<int>& capabilities)>
      read_profile;
  // The ids that an ordinary user may give away; asked for only without root.
  std::function<sys::OwnIds()> own_ids;
  bool is_root = true;
  // Whether users of the host who are not root come as far as the folder or file `path`.
  std::function<bool(const std::string& path)> others_can_enter;
};

// Throws UsageError, one line a problem, all of them.
[[nodiscard]] ContainerSpec to_spec(const Options& options, const Surroundings& surroundings);

}  // namespace mydocker::cli
