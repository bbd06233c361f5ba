// The plugins of a CNI network, run: https://www.cni.dev/docs/spec.
#pragma once

#include <sys/types.h>

#include <string>

#include "cni/attachment.hpp"
#include "cni/result.hpp"
#include "mydocker/network_action.hpp"

namespace mydocker {

// Where it is written down that a container is in a CNI network.
[[nodiscard]] std::string cni_file(const SharedUse& use);

// Writes that down, and gives the network of `child` a path. Throws std::system_error.
[[nodiscard]] cni::Attachment open_cni(const SharedUse& use, const CniNetwork& network,
                                       pid_t child);

// If MyDocker is killed while a plugin adds or takes out, the plugin goes on to its end: one that is
// stopped half way finds only a part again (bridge: no chain whose link is gone). Until then `record`,
// the container's, stays locked, and nobody takes back what is there.

// One plugin adds the container. Its result is kept in `attachment` and in the file in `folder`.
// Throws SetupError with the plugin's own words.
[[nodiscard]] cni::Result add_by_plugin(const CniPlugin& plugin, const std::string& folder,
                                        cni::Attachment& attachment, int record);

// Every plugin, the first one first, says whether all is as it made it. Throws SetupError with its
// words if not.
void check_cni(const cni::Attachment& attachment);

// Every plugin, the last one first, takes the container out; then what was written down goes. Where
// nothing was, nothing is done. Throws SetupError, std::system_error.
void close_cni(const SharedUse& use, int record);

}  // namespace mydocker
