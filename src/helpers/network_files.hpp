// The files by which programs find names: what a container with a network of its own is given in the
// place of the root's. Pure.
#pragma once

#include <string>
#include <vector>

#include "mydocker/host_facts.hpp"
#include "mydocker/spec.hpp"

namespace mydocker {

struct ProvidedText {
  std::string path, text;
  bool is_of_network = false;  // what the network itself says, once it is there, comes first
};

// /etc/resolv.conf, /etc/hosts, /etc/hostname; "<address>" and "<address6>" stand for the
// container's. Empty for a
// network in which the root's own will do. Throws SetupError if the host has no resolver that a
// container could reach.
[[nodiscard]] std::vector<ProvidedText> network_files(const ContainerSpec& spec,
                                                      const HostFacts& facts);

}  // namespace mydocker
