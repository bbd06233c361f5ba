// What is written down of a container that was added to a CNI network, so that whoever comes later
// can take it out again. Pure.
#pragma once

#include <string>
#include <string_view>

#include "cni/config_error.hpp"
#include "mydocker/network_action.hpp"

namespace mydocker::cni {

struct Attachment {
  CniNetwork network;
  std::string host;       // the network namespace from which that was done: its number
  std::string id, netns;  // netns: a path by which plugins find the container's network
  std::string result;     // of the last plugin that was run, as it came; empty: none yet
  bool operator==(const Attachment&) const = default;
};

[[nodiscard]] std::string to_text(const Attachment& attachment);
// Throws ConfigError.
[[nodiscard]] Attachment attachment_in(std::string_view text);

}  // namespace mydocker::cni
