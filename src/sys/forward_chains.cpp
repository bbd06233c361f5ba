#include "sys/forward_chains.hpp"

#include <linux/netfilter.h>
#include <linux/netfilter/nf_tables.h>
#include <linux/netfilter/nfnetlink.h>
#include <linux/netfilter_ipv4/ip_tables.h>
#include <sys/socket.h>

#include <algorithm>
#include <cstring>
#include <string>
#include <string_view>

#include "helpers/text.hpp"
#include "sys/files.hpp"
#include "sys/netlink.hpp"

namespace mydocker::sys {
namespace {

constexpr std::string_view kOurLinks = "myd";  // how their names begin

constexpr std::uint16_t type_of(unsigned message) {
  return static_cast<std::uint16_t>(NFNL_SUBSYS_NFTABLES << 8 | message);
}

nfgenmsg fixed_for(std::uint8_t family) {
  nfgenmsg out{};
  out.nfgen_family = family;
  return out;
}

// The attributes of a message of nf_tables; they are in network byte order.
std::string_view attributes_of(std::string_view message) {
  constexpr std::size_t kFixed = NLMSG_SPACE(sizeof(nfgenmsg));
  return message.substr(std::min(kFixed, message.size()));
}

std::uint8_t family_of(std::string_view message) {
  nfgenmsg fixed{};
  if (message.size() >= NLMSG_HDRLEN + sizeof fixed)
    std::memcpy(&fixed, message.data() + NLMSG_HDRLEN, sizeof fixed);
  return fixed.nfgen_family;
}

// Text with the zero behind it.
std::string name_in(std::string_view data) { return std::string(data.substr(0, data.find('\0'))); }

std::uint32_t big_endian(std::string_view data) {
  return __builtin_bswap32(netlink::number_in<std::uint32_t>(data));
}

const char* family_name(std::uint8_t family) {
  if (family == NFPROTO_INET) return "inet";
  return family == NFPROTO_IPV6 ? "ip6" : "ip";
}

// A base chain on the forward hook with policy drop, or nothing.
std::optional<ForwardChain> shut_chain_in(std::string_view message) {
  ForwardChain out{.firewall = Firewall::nft, .family = family_name(family_of(message))};
  std::optional<std::uint32_t> hook, policy;
  netlink::for_each_attribute(attributes_of(message), [&](std::uint16_t type, auto data) {
    if (type == NFTA_CHAIN_TABLE) out.table = name_in(data);
    if (type == NFTA_CHAIN_NAME) out.name = name_in(data);
    if (type == NFTA_CHAIN_POLICY) policy = big_endian(data);
    if (type != NFTA_CHAIN_HOOK) return;
    netlink::for_each_attribute(data, [&](std::uint16_t part, auto number) {
      if (part == NFTA_HOOK_HOOKNUM) hook = big_endian(number);
    });
  });
  const bool is_shut = hook == NF_INET_FORWARD && policy == NF_DROP;
  return is_shut ? std::optional(out) : std::nullopt;
}

// Whether one of its rules speaks of our links: somebody has opened it.
bool names_our_links(const NetlinkSocket& socket, const ForwardChain& chain, std::uint8_t family) {
  netlink::Message question(type_of(NFT_MSG_GETRULE), NLM_F_DUMP, fixed_for(family));
  question.add_text(NFTA_RULE_TABLE, chain.table);
  question.add_text(NFTA_RULE_CHAIN, chain.name);
  bool found = false;
  socket.ask(question, [&](std::string_view message) {
    found = found || attributes_of(message).find(kOurLinks) != std::string_view::npos;
  });
  return found;
}

void add_nft(bool with_ipv6, std::vector<ForwardChain>& out) {
  const NetlinkSocket socket(NETLINK_NETFILTER);
  struct Found {
    ForwardChain chain;
    std::uint8_t family;
  };
  std::vector<Found> found;
  const netlink::Message question(type_of(NFT_MSG_GETCHAIN), NLM_F_DUMP, fixed_for(NFPROTO_UNSPEC));
  socket.ask(question, [&](std::string_view message) {
    const std::uint8_t family = family_of(message);
    const bool concerns_us =
        family == NFPROTO_INET || family == NFPROTO_IPV4 || (family == NFPROTO_IPV6 && with_ipv6);
    if (const auto chain = shut_chain_in(message); chain && concerns_us)
      found.push_back({*chain, family});
  });
  for (const auto& [chain, family] : found) {
    if (!names_our_links(socket, chain, family)) out.push_back(chain);
  }
}

// The older filter tells a table as one piece of memory: the policy of a chain is its last entry. A
// table that nobody has opened yet is left alone: asking would make it.
void add_legacy(std::vector<ForwardChain>& out) {
  const auto tables = try_read_file("/proc/net/ip_tables_names");
  if (!tables || tables->find("filter\n") == std::string::npos) return;
  const UniqueFd socket(::socket(AF_INET, SOCK_RAW | SOCK_CLOEXEC, IPPROTO_RAW));
  ipt_getinfo info{};
  std::string("filter").copy(info.name, sizeof info.name - 1);
  socklen_t size = sizeof info;
  if (::getsockopt(socket.get(), IPPROTO_IP, IPT_SO_GET_INFO, &info, &size) != 0) return;
  std::string bytes(sizeof(ipt_get_entries) + info.size, '\0');
  ipt_get_entries head{};
  std::string("filter").copy(head.name, sizeof head.name - 1);
  head.size = info.size;
  std::memcpy(bytes.data(), &head, sizeof head);
  size = static_cast<socklen_t>(bytes.size());
  if (::getsockopt(socket.get(), IPPROTO_IP, IPT_SO_GET_ENTRIES, bytes.data(), &size) != 0) return;
  const std::string_view entries = std::string_view(bytes).substr(sizeof head);
  const std::size_t first = info.hook_entry[NF_INET_FORWARD],
                    last = info.underflow[NF_INET_FORWARD];
  xt_standard_target policy{};
  if (last + sizeof(ipt_entry) + sizeof policy > entries.size() || first > last) return;
  std::memcpy(&policy, entries.data() + last + sizeof(ipt_entry), sizeof policy);
  constexpr int kDrop = -NF_DROP - 1;  // as a verdict is written
  const bool names_ours =
      entries.substr(first, last - first).find(kOurLinks) != std::string_view::npos;
  if (policy.verdict == kDrop && !names_ours)
    out.push_back({Firewall::legacy, "ip", "filter", "FORWARD"});
}

}  // namespace

std::vector<ForwardChain> shut_forward_chains(Firewall ours, bool with_ipv6) {
  std::vector<ForwardChain> out;
  try {
    add_nft(with_ipv6, out);
  } catch (const std::system_error&) {
    // No such packet filter in this kernel.
  }
  if (ours == Firewall::nft) add_legacy(out);
  return out;
}

}  // namespace mydocker::sys
