// Kernel idea   a bridge is a switch: what comes in at one port goes out at that behind which the
//               receiver was seen. A pair of links is a cable; it may lead into another network.
// We ask        for the bridge brg0 with 10.10.10.1/24, a cable from it into the process's network,
//               10.10.10.2/24 at that end (or .3 and so on), and a default route to the bridge.
// Order         the forwarding entry before the address: the bridge takes one for each address, so
//               nobody else has ours. lo last: there is nothing to take back from then on.
// If it fails   what was made is removed; the cable takes its addresses and routes along.
// Man page      bridge(8), veth(4), rtnetlink(7)
#include "connection.hpp"

#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <vector>

#include "helpers/addresses.hpp"
#include "mydocker/error.hpp"
#include "sys/links.hpp"

namespace mydocker::netsetgo {
namespace {

using sys::find;
using sys::Links;

constexpr const char* kBridge = "brg0";
constexpr std::string_view kName = "netsetgo";  // of both ends; the outer one has the pid behind it
const std::string kInside(kName);
constexpr std::uint32_t kFirst = 2, kLast = 254;

const Subnet kNetwork{{AF_INET, {10, 10, 10}}, 24};
const IpAddress kGateway = addresses::nth(kNetwork, 1);

// 15 characters at most, since a pid has at most seven.
std::string outer_name(pid_t process) { return kInside + std::to_string(process); }

std::string command_to_delete(std::string_view process) {
  return "netsetgo -pid " + std::string(process) + " --delete";
}

[[noreturn]] void refuse(const std::string& doing, int error, const std::string& hint) {
  throw SetupError("netsetgo", doing, error, hint);
}

// A conversation with one network: its requests, with an error that says which one failed.
class Network {
 public:
  Network(sys::NetlinkSocket socket, std::string prefix, pid_t process)
      : socket_(std::move(socket)), prefix_(std::move(prefix)), process_(process) {}

  // 0, or the errno.
  int attempt(const LinkRequest& request) const { return socket_.attempt(message_for(request)); }

  void perform(const LinkRequest& request) const {
    try {
      socket_.perform(message_for(request));
    } catch (const sys::NetlinkError& error) {
      const std::string doing =
          std::string(netlink::program_of(request)) + prefix_ + " " + netlink::words_of(request);
      const int code = error.code().value();
      refuse(doing, code, code == EPERM ? "netsetgo needs root" : error.words());
    }
  }

  [[nodiscard]] Links links() const { return sys::read_links(socket_); }

  [[nodiscard]] std::vector<netlink::IndexedRoute> routes() const {
    std::vector<netlink::IndexedRoute> out;
    socket_.ask(netlink::ask_for_routes(AF_INET), [&](std::string_view message) {
      if (const auto route = netlink::route_in(message)) out.push_back(*route);
    });
    return out;
  }

  [[nodiscard]] std::string name_of(std::uint32_t link) const { return socket_.name_of(link); }

 private:
  [[nodiscard]] netlink::Message message_for(const LinkRequest& request) const {
    return sys::message_for(socket_, request, {.network = static_cast<std::uint32_t>(process_)});
  }

  sys::NetlinkSocket socket_;
  std::string prefix_;
  pid_t process_;
};

// Its hardware address says who made it: nobody else's bridge has that.
bool is_ours(const netlink::IndexedLink& bridge) {
  return bridge.kind == "bridge" && bridge.hardware == addresses::hardware_address(kGateway);
}

// Whether it was there and is gone. One that has a port, or is somebody else's, stays.
bool remove_unused_bridge(const Network& host) {
  const Links links = host.links();
  const auto* const bridge = find(links, kBridge);
  if (bridge == nullptr || !is_ours(*bridge)) return false;
  const bool is_used = std::any_of(links.begin(), links.end(),
                                   [&](const auto& link) { return link.bridge == bridge->link; });
  return !is_used && host.attempt(RemoveLink{kBridge}) == 0;
}

// What connect() has made so far: gone with this, unless it is kept.
class Made {
 public:
  explicit Made(const Network& host) : host_(host) {}
  ~Made() {
    if (is_kept_) return;
    try {
      if (!pair_.empty()) (void)host_.attempt(RemoveLink{pair_});
      if (has_bridge_) (void)remove_unused_bridge(host_);
    } catch (const std::exception&) {
      // Nobody is left to be told: the error that led here is on its way.
    }
  }
  Made(const Made&) = delete;
  Made& operator=(const Made&) = delete;

  void bridge() { has_bridge_ = true; }
  void pair(const std::string& name) { pair_ = name; }
  void keep() { is_kept_ = true; }

 private:
  const Network& host_;
  std::string pair_;
  bool has_bridge_ = false, is_kept_ = false;
};

ino_t number_of_network(const std::string& process) {
  struct stat network {};
  if (::stat(("/proc/" + process + "/ns/net").c_str(), &network) != 0) {
    refuse(
        "find the network of process " + process, errno,
        errno == EACCES || errno == EPERM ? "netsetgo needs root" : "no such process is running");
  }
  return network.st_ino;
}

void require_network_of_its_own(pid_t process) {
  const std::string number = std::to_string(process);
  if (number_of_network(number) == number_of_network("self"))
    refuse("connect process " + number, 0,
           "it has no network of its own: it is in the one that netsetgo runs in");
}

void require_free(const Network& network, const std::string& whose) {
  for (const auto& route : network.routes()) {
    const std::string link = network.name_of(route.link);
    if (route.to.prefix > 0 && link != kBridge && addresses::overlap(route.to, kNetwork))
      refuse("use the network " + addresses::text(kNetwork), EADDRINUSE,
             "a route of " + whose + " leads to " + addresses::text(route.to) + " over " + link);
  }
}

void make_bridge(const Network& host, Made& made) {
  const AddBridge request{kBridge, addresses::hardware_address(kGateway)};
  const Links links = host.links();
  const auto* const bridge = find(links, kBridge);
  if (bridge != nullptr && !is_ours(*bridge))
    refuse("ip " + netlink::words_of(request), EEXIST,
           "a link of this name is there already, and netsetgo did not make it");
  if (bridge == nullptr) {
    // Another netsetgo may have been faster.
    if (host.attempt(request) != EEXIST) {
      if (find(host.links(), kBridge) == nullptr) host.perform(request);
      made.bridge();
    }
  }
  const AddAddress address{kBridge, {kGateway, kNetwork.prefix}};
  if (const int error = host.attempt(address); error != 0 && error != EEXIST) host.perform(address);
  host.perform(RaiseLink{kBridge});
}

// Whatever the bridge's table has an entry for is somebody's.
IpAddress take_address(const Network& host, const std::string& port) {
  for (std::uint32_t i = kFirst; i <= kLast; ++i) {
    const IpAddress address = addresses::nth(kNetwork, i);
    const AddForwardingEntry entry{port, address};
    const int error = host.attempt(entry);
    if (error == 0) return address;
    if (error != EEXIST) host.perform(entry);
  }
  refuse("find an address in " + addresses::text(kNetwork), EADDRNOTAVAIL, "all are taken");
}

void set_up_inside(const Network& inside, const IpAddress& address) {
  inside.perform(SetHardwareAddress{kInside, addresses::hardware_address(address)});
  inside.perform(AddAddress{kInside, {address, kNetwork.prefix}});
  inside.perform(RaiseLink{kInside});
  inside.perform(AddRoute{kInside, std::nullopt, kGateway});
  inside.perform(RaiseLink{"lo"});
}

}  // namespace

IpAddress connect(pid_t process) {
  require_network_of_its_own(process);
  const std::string number = std::to_string(process), outer = outer_name(process);
  const Network host(sys::NetlinkSocket(), "", process);
  const Network inside(sys::NetlinkSocket::of(process), " -n <" + number + ">", process);
  if (find(host.links(), outer) != nullptr)
    refuse("connect process " + number, EEXIST,
           "it is connected already; " + command_to_delete(number) + " takes that back");
  require_free(host, "this host");
  require_free(inside, "process " + number);
  Made made(host);
  make_bridge(host, made);
  host.perform(AddVethPair{outer, kInside});
  made.pair(outer);
  host.perform(JoinBridge{outer, kBridge});
  const IpAddress address = take_address(host, outer);
  host.perform(RaiseLink{outer});
  set_up_inside(inside, address);
  made.keep();
  return address;
}

void disconnect(pid_t process) {
  const std::string outer = outer_name(process);
  const Network host(sys::NetlinkSocket(), "", process);
  const bool has_pair = find(host.links(), outer) != nullptr;
  if (has_pair) host.perform(RemoveLink{outer});
  if (remove_unused_bridge(host) || has_pair) return;
  std::string connected;
  for (const auto& link : host.links()) {
    if (link.name.starts_with(kName)) connected += " " + link.name.substr(kName.size());
  }
  refuse("disconnect process " + std::to_string(process), ENOENT,
         connected.empty() ? "nothing is connected" : "connected are:" + connected);
}

}  // namespace mydocker::netsetgo
