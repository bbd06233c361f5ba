// Where CNI networks are configured, and where their plugins are.
#pragma once

#include <string>

#include "mydocker/network.hpp"

namespace mydocker::cli {

// The network `name` of a file *.conflist, *.conf or *.json in the folder NETCONFPATH, else
// /etc/cni/net.d; the plugins' files are looked for in CNI_PATH, else in the usual folders. Throws
// UsageError.
[[nodiscard]] CniNetwork find_cni_network(const std::string& name);

}  // namespace mydocker::cli
