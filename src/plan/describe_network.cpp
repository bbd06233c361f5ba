// Requests of the network in words, as ip(8), iptables-save and nft would have them.
#include "helpers/addresses.hpp"
#include "helpers/firewall_text.hpp"
#include "helpers/netlink_messages.hpp"
#include "helpers/text.hpp"
#include "plan/words.hpp"

namespace mydocker {
namespace {

std::string port_text(const PublishedPort& port) {
  return addresses::text(port.address) + ":" + std::to_string(port.host) +
         (port.transport == Transport::udp ? "/udp" : "");
}

// As iptables-save or `nft list ruleset` prints them, one behind the other.
std::string rules_text(const AddRules& rules) {
  std::string out;
  const IpAddress own = addresses::own(rules.family);
  const auto add = [&](const std::vector<FirewallRule>& list, std::string_view owner) {
    for (const auto& rule : list) {
      const auto place = firewall::place_of(rule.chain);
      out += out.empty() ? "" : "; ";
      if (rules.firewall == Firewall::legacy)
        out += std::string(place.table) + " " + firewall::as_iptables(rule, owner, own);
      else
        out += text::replaced(firewall::as_nft(rule, own), "\n    ", "; ");
    }
  };
  add(rules.shared, {});
  add(rules.own, rules.use.id);
  return out;
}

std::string program_of(Firewall firewall, int family) {
  if (firewall == Firewall::nft) return "nft";
  return family == AF_INET6 ? "ip6tables" : "iptables";
}

}  // namespace

Words in_words(const Netlink& a) {
  const bool is_host = a.of == NetworkOf::host;
  return {std::string(netlink::program_of(a.request)) + (is_host ? " " : " -n <child> ") +
              netlink::words_of(a.request),
          is_host ? "socket sendto recvfrom" : "openat setns socket setns sendto recvfrom"};
}
Words in_words(const TakeAddress& a) {
  return {"ip route add " +
              addresses::text(addresses::alone(addresses::own(a.subnet.address.family))) + " dev " +
              a.link + ", the first address of " + addresses::text(a.subnet) + " that is free",
          "socket sendto recvfrom"};
}
Words in_words(const MakeBridge& a) {
  return {"have the bridge " + a.name + " with " + addresses::text(a.address) +
              ", made if it is not there",
          "openat flock socket sendto recvfrom write?"};
}
Words in_words(const LeaveBridge& a) {
  return {"remove the bridge " + a.name + ", if MyDocker has made it and nobody else needs it",
          "openat flock socket sendto recvfrom write?"};
}
Words in_words(const TakePort& a) {
  return {"bridge fdb add <hardware> dev " + a.link +
              " master static sticky, for the first address of " + addresses::text(a.range) +
              " that nobody on " + a.bridge + " has",
          "openat flock socket sendto recvfrom write"};
}
Words in_words(const HoldSetting& a) {
  return {"hold " + a.path + " at " + a.value, "openat flock read write?"};
}
Words in_words(const ReleaseSetting& a) {
  return {"let go of " + a.path + ": as it was, if nobody else needs it", "openat flock write?"};
}
Words in_words(const StartFirewall& a) {
  return {"start mydocker-" + program_of(a.firewall, AF_INET),
          "memfd_create write fcntl socketpair pipe2 clone3 execveat"};
}
Words in_words(const AddRules& a) {
  return {"have " + program_of(a.firewall, a.family) + " add " + rules_text(a),
          "openat flock sendmsg"};
}
Words in_words(const AwaitRules&) { return {"wait until the rules are there", "recvfrom"}; }
Words in_words(const RemoveRules& a) {
  return {"have " + program_of(a.firewall, a.family) + " remove the rules of " + a.use.id,
          "openat flock memfd_create clone3 execveat sendmsg recvfrom waitid"};
}
Words in_words(const HoldPort& a) {
  return {"hold the port " + port_text(a.port), "socket setsockopt? bind listen?"};
}
Words in_words(const ForgetConnections& a) {
  std::string out = "forget the connections of <address>";
  for (const auto& port : a.ports) out += " and of " + port_text(port);
  return {out, "socket sendto recvfrom"};
}
Words in_words(const StartPasta& a) {
  return {"start " + text::join(a.words, " "),
          "openat pipe2 memfd_create clone3 prctl setsid dup2 execve poll"};
}
Words in_words(const OpenCni& a) {
  return {"write down that " + a.use.id + " is in the CNI network " + text::quoted(a.network.name),
          "openat write rename mount"};
}
Words in_words(const AddByPlugin& a) {
  return {"have " + a.plugin.file + " ADD eth0 by " + a.plugin.config,
          "memfd_create clone3 prctl execve waitid"};
}
Words in_words(const CloseCni& a) {
  return {"have the plugins DEL eth0 of " + a.use.id + ", the last one first",
          "openat memfd_create clone3 prctl execve waitid umount2 unlink"};
}
Words in_words(const EndPasta&) { return {"end pasta", "pidfd_send_signal waitid"}; }

}  // namespace mydocker
