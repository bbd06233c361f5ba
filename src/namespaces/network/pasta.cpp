#include "namespaces/network/pasta.hpp"

#include <algorithm>

#include "helpers/addresses.hpp"
#include "namespaces/network/egress.hpp"

namespace mydocker::network {
namespace {

constexpr const char* kLink = "eth0";

// "127.0.0.1/8080:80", as its options -t and -u want it.
std::string port_word(const PublishedPort& port) {
  return addresses::text(port.address) + "/" + std::to_string(port.host) + ":" +
         std::to_string(port.container);
}

void add_ports(const std::vector<PublishedPort>& ports, Transport transport, const char* option,
               std::vector<std::string>& out) {
  const std::size_t before = out.size();
  for (const auto& port : ports) {
    if (port.transport == transport) out.insert(out.end(), {option, port_word(port)});
  }
  if (out.size() == before) out.insert(out.end(), {option, "none"});
}

// Of the container's end. An older pasta knows an address that it was not given only from what the
// container sends: until then it would lose what comes to a published port.
constexpr const char* kOwnAddress = "02:6d:79:64:00:01";

std::vector<std::string> words_of(const ContainerSpec& spec, const HostFacts& facts) {
  // In the foreground it is MyDocker's child. Its two descriptors have these names for itself alone,
  // so neither depends on what it may look at.
  std::vector<std::string> out{
      "pasta",       "--foreground",    "--quiet",         "--netns",       "/proc/self/fd/0",
      "--pid",       "/proc/self/fd/1", "--ns-ifname",     kLink,           "--config-net",
      "--ipv4-only", "--no-map-gw",     "--no-netns-quit", "--ns-mac-addr", kOwnAddress};
  if (facts.network.address != IpAddress{})
    out.insert(out.end(), {"--address", addresses::text(facts.network.address)});
  add_ports(spec.network.ports, Transport::tcp, "-t", out);
  add_ports(spec.network.ports, Transport::udp, "-u", out);
  // Its defaults would lead from the container to what listens on the host's loopback.
  out.insert(out.end(), {"-T", "none", "-U", "none"});
  if (facts.uid == 0)
    out.insert(out.end(), {"--runas", "0", "--netns-only"});
  else
    out.insert(out.end(), {"--userns", "/proc/" + std::string(kChild) + "/ns/user"});
  return out;
}

// Whether a client on this host may get no answer from an older pasta.
bool loses_answers(const PublishedPort& port) {
  return port.transport == Transport::udp && port.host != port.container &&
         (addresses::is_loopback(port.address) || addresses::is_any(port.address));
}

void add_notices(const std::vector<PublishedPort>& ports, StagePlan& out) {
  if (std::any_of(ports.begin(), ports.end(), loses_answers))
    out.notices.emplace_back(
        "pasta of before July 2024 loses the answers to UDP that this host sends to a published "
        "port, unless the port inside has the same number");
}

}  // namespace

void plan_pasta(const ContainerSpec& spec, const HostFacts& facts, StagePlan& out) {
  add_notices(spec.network.ports, out);
  for (const auto& port : spec.network.ports)
    out.prepare.push_back({HoldPort{port},
                           "a port that is in use is told before anything is made; of a UDP port "
                           "pasta would not say it",
                           {},
                           {}});
  if (spec.network.egress) plan_egress(spec, facts, out);
  out.attach.push_back({StartPasta{words_of(spec, facts), facts.network.address},
                        "what the container sends goes on as from any program of the host's: no "
                        "link, address or rule of the host's is needed, nor root",
                        {EndPasta{}},
                        {}});
  out.enter.push_back(
      {WriteFile{std::string("/proc/sys/net/ipv6/conf/") + kLink + "/disable_ipv6", "1",
                 Missing::is_fine},
       "nobody asked for IPv6; the kernel gives a new interface an address of its own",
       {},
       {}});
}

}  // namespace mydocker::network
