// Requests for the container's way to others, performed on the host; part of Action.
#pragma once

#include <string>
#include <vector>

#include "mydocker/network.hpp"

namespace mydocker {

enum class NetworkOf { host, container };
struct Netlink {
  NetworkOf of = NetworkOf::host;
  LinkRequest request;
  bool operator==(const Netlink&) const = default;
};
// The first address of `subnet` to which no route of its own leads yet becomes the container's: that
// route, over `link`, is what keeps others from taking it, and it goes with the link.
struct TakeAddress {
  std::string link;
  Subnet subnet;
  bool operator==(const TakeAddress&) const = default;
};
// Whose use of something shared is written down: the folder of the records, and the container.
struct SharedUse {
  std::string folder, id;
  bool operator==(const SharedUse&) const = default;
};
// A setting of the host's that has to be `value`, below /proc/sys/. Where it is already, nothing is
// done; where it is not, `said` is told, if it is not empty.
struct HoldSetting {
  std::string path, value, said;
  SharedUse use;
  bool operator==(const HoldSetting&) const = default;
};
// As it was, if the container is the last one that needs it.
struct ReleaseSetting {
  std::string path;
  SharedUse use;
  bool operator==(const ReleaseSetting&) const = default;
};
// A bridge with this address, made if it is not there; one that somebody else has made stays as it is.
struct MakeBridge {
  std::string name;
  Subnet address;  // its own, and the bits of its network
  HardwareAddress hardware;
  SharedUse use;
  bool operator==(const MakeBridge&) const = default;
};
// With the last container that uses it, if MyDocker has made it.
struct LeaveBridge {
  std::string name;
  SharedUse use;
  bool operator==(const LeaveBridge&) const = default;
};
// The first address of `range` which nobody on the bridge has becomes the container's: the bridge
// takes one entry for each, and that goes with the port.
struct TakePort {
  std::string link, bridge;
  Subnet range;
  IpAddress gateway;           // the bridge's own address
  bool has_strangers = false;  // who got their addresses from somebody else
  SharedUse use;
  bool operator==(const TakePort&) const = default;
};
// The program that speaks to the packet filter, which takes a moment to load.
struct StartFirewall {
  Firewall firewall = Firewall::legacy;
  bool operator==(const StartFirewall&) const = default;
};
// The rules that all containers share, if they are not there yet, and the container's own. Asked for,
// and not waited for.
struct AddRules {
  Firewall firewall = Firewall::legacy;
  int family = AF_INET;
  SharedUse use;
  std::vector<FirewallRule> shared, own;
  bool operator==(const AddRules&) const = default;
};
// All rules that were asked for are there.
struct AwaitRules {
  bool operator==(const AwaitRules&) const = default;
};
// The container's own; with the last container also the shared ones.
struct RemoveRules {
  Firewall firewall = Firewall::legacy;
  int family = AF_INET;
  SharedUse use;
  bool operator==(const RemoveRules&) const = default;
};
// A published port is ours from here on: whoever else wants it on this host is told so.
struct HoldPort {
  PublishedPort port;
  bool operator==(const HoldPort&) const = default;
};
// Runs pasta(1) until the container ends. `words` begin with its name; its standard input is the
// container's network, and what it writes to standard output says that all is in place. `address` is
// the one that the container will have. The ports that are held are let go for it to take.
struct StartPasta {
  std::vector<std::string> words;
  IpAddress address;
  bool operator==(const StartPasta&) const = default;
};
struct EndPasta {
  bool operator==(const EndPasta&) const = default;
};
// The container's network gets a path for the plugins of `network`, and what has to be known to take
// the container out of it again is written down.
struct OpenCni {
  SharedUse use;
  CniNetwork network;
  bool operator==(const OpenCni&) const = default;
};
// A plugin adds the container; it reads what the one before it answered.
struct AddByPlugin {
  SharedUse use;
  CniPlugin plugin;
  bool operator==(const AddByPlugin&) const = default;
};
// All plugins, the last one first, take the container out; then what was written down goes.
struct CloseCni {
  SharedUse use;
  bool operator==(const CloseCni&) const = default;
};
// What the kernel remembers of connections to and from the container's address, and to its ports: it
// would lead them to whoever had them before. See conntrack(8).
struct ForgetConnections {
  std::vector<PublishedPort> ports;
  bool operator==(const ForgetConnections&) const = default;
};

}  // namespace mydocker
