#include "helpers/network_files.hpp"

#include <algorithm>

#include "helpers/addresses.hpp"
#include "helpers/text.hpp"
#include "mydocker/error.hpp"

namespace mydocker {
namespace {

bool is_nameserver(const std::vector<std::string_view>& words) {
  return words.size() >= 2 && words[0] == "nameserver";
}

enum class Resolvers { none, of_ipv4, all };

// The lines of a resolv.conf, and of its resolvers those that a container reaches: none of its own
// loopback, none of IPv6 if it has no such address.
std::string reachable(std::string_view content, Resolvers wanted) {
  std::string out;
  for (const auto line : text::split(content, '\n')) {
    const auto words = text::words(line);
    if (words.empty() || words[0].starts_with('#') || words[0].starts_with(';')) continue;
    if (is_nameserver(words)) {
      const auto address = addresses::parse(words[1]);
      const bool is_reached = address && !addresses::is_loopback(*address) &&
                              (address->family == AF_INET || wanted == Resolvers::all);
      if (wanted == Resolvers::none || !is_reached) continue;
    }
    out.append(line).append("\n");
  }
  return out;
}

bool has_resolver(std::string_view content) {
  const auto lines = text::split(content, '\n');
  return std::any_of(lines.begin(), lines.end(),
                     [](std::string_view line) { return is_nameserver(text::words(line)); });
}

std::string resolv_conf(const NetworkRequest& request, const NetworkFacts& facts) {
  std::string out;
  if (!request.dns.empty()) {
    for (const auto& resolver : request.dns) out += "nameserver " + resolver + "\n";
    return out + reachable(facts.resolv_conf, Resolvers::none);
  }
  for (const auto* const content : {&facts.resolv_conf, &facts.resolved_resolv_conf}) {
    out = reachable(*content, request.ipv6 ? Resolvers::all : Resolvers::of_ipv4);
    if (has_resolver(out)) return out;
  }
  if (request.kind == NetworkKind::cni) return out;  // its plugins may know one
  throw SetupError(
      "network", "find a resolver for the container", 0,
      "the host's /etc/resolv.conf names none, or only one on the host's own loopback: "
      "name one by --dns ADDRESS");
}

std::string hosts(const ContainerSpec& spec) {
  std::string out = "127.0.0.1\tlocalhost\n::1\tlocalhost ip6-localhost ip6-loopback\n";
  const auto add = [&](const IpAddress& own) {
    out += addresses::text(own) + "\t" + spec.hostname + "\n";
  };
  add(kOwnAddress);
  if (spec.network.ipv6 || spec.network.kind == NetworkKind::cni) add(kOwnAddress6);
  return out;
}

}  // namespace

std::vector<ProvidedText> network_files(const ContainerSpec& spec, const HostFacts& facts) {
  if (!has_own_link(spec.network.kind)) return {};
  const bool is_cni = spec.network.kind == NetworkKind::cni;
  return {{"/etc/resolv.conf", resolv_conf(spec.network, facts.network),
           is_cni && spec.network.dns.empty()},
          {"/etc/hosts", hosts(spec)},
          {"/etc/hostname", spec.hostname + "\n"}};
}

}  // namespace mydocker
