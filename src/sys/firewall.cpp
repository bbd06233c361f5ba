#include "sys/firewall.hpp"

#include <linux/netfilter/nf_tables.h>
#include <linux/netfilter/nfnetlink.h>
#include <linux/netfilter_ipv4/ip_tables.h>
#include <sys/socket.h>

#include <cerrno>

#include "helpers/firewall_text.hpp"
#include "helpers/text.hpp"
#include "sys/carried.hpp"
#include "sys/netlink.hpp"

namespace mydocker::sys {
namespace {

constexpr RuleChain kAllChains[] = {RuleChain::prerouting_raw, RuleChain::prerouting,
                                    RuleChain::forward, RuleChain::output, RuleChain::postrouting};
constexpr const char* kSharedTable = "mydocker";

// An id may hold a '+', which a name of nft's may not, and never a '/', which it may.
std::string own_table(const std::string& owner) {
  return "mydocker-" + text::replaced(owner, "+", "/");
}

void run(std::string_view program, const char* name, const char* library,
         std::vector<std::string> words) {
  const std::string other = "--firewall " + std::string(name[9] == 'n' ? "legacy" : "nft");
  if (program.empty()) {
    throw FirewallError(std::string("this MyDocker was built without ") + library,
                        "build it where its -dev package is installed, or try " + other);
  }
  words.insert(words.begin(), name);
  const Finished finished = run_carried(program, words, {});
  if (finished.status == 0) return;
  // The loader of shared libraries ends so.
  constexpr int kNotRun = 127;
  throw FirewallError(std::string(name) + ": " + text::trimmed(finished.output),
                      finished.status == kNotRun
                          ? std::string("install the library ") + library + ", or try " + other
                          : "if this kernel lacks that packet filter, try " + other);
}

void run_iptables(const std::vector<std::string>& words) {
  run(iptables_helper(), "mydocker-iptables", "libip4tc", words);
}

void run_nft(pid_t process, const std::string& script) {
  run(nft_helper(), "mydocker-nft", "libnftables", {std::to_string(process), script});
}

// A word for the table, one for the hook, one for the rule.
void append_rules(std::vector<std::string>& words, const std::vector<FirewallRule>& rules,
                  const std::string& owner, const IpAddress& own) {
  for (const auto& rule : rules) {
    const auto place = firewall::place_of(rule.chain);
    words.emplace_back(place.table);
    words.emplace_back(place.hook);
    words.push_back(firewall::as_iptables(rule, owner, own));
  }
}

std::string_view family_word(const IpAddress& own) { return own.family == AF_INET6 ? "6" : "4"; }
std::string_view nft_family(const IpAddress& own) { return own.family == AF_INET6 ? "ip6" : "ip"; }

bool has_nft_tables() {
  const NetlinkSocket socket(NETLINK_NETFILTER);
  nfgenmsg fixed{};
  fixed.nfgen_family = AF_UNSPEC;
  constexpr auto kType = static_cast<std::uint16_t>(NFNL_SUBSYS_NFTABLES << 8 | NFT_MSG_GETTABLE);
  bool found = false;
  socket.ask({kType, NLM_F_DUMP, fixed}, [&](std::string_view) { found = true; });
  return found;
}

bool has_legacy_tables() {
  const UniqueFd socket(::socket(AF_INET, SOCK_RAW | SOCK_CLOEXEC, IPPROTO_RAW));
  ipt_getinfo info{};
  std::string("filter").copy(info.name, sizeof info.name - 1);
  socklen_t size = sizeof info;
  return socket && ::getsockopt(socket.get(), IPPROTO_IP, IPT_SO_GET_INFO, &info, &size) == 0;
}

}  // namespace

void add_rules(Firewall firewall, const FirewallWork& work) {
  if (firewall == Firewall::nft) {
    const auto table = [&](const std::string& name, const std::vector<FirewallRule>& rules) {
      return rules.empty() ? std::string()
                           : firewall::nft_table(nft_family(work.own), name, rules, work.own);
    };
    run_nft(work.process,
            table(kSharedTable, work.shared) + table(own_table(work.owner), work.own_rules));
    return;
  }
  std::vector<std::string> words{std::to_string(work.process), std::string(family_word(work.own)),
                                 "add", work.owner};
  append_rules(words, work.shared, {}, work.own);
  append_rules(words, work.own_rules, work.owner, work.own);
  run_iptables(words);
}

void remove_rules(Firewall firewall, int family, const std::string& owner, bool shared_too) {
  const IpAddress own{family, {}};
  if (firewall == Firewall::nft) {
    const auto removal = [&](const std::string& name) {
      const std::string table = std::string(nft_family(own)) + " " + name;
      return "table " + table + "\ndelete table " + table + "\n";
    };
    run_nft(0, removal(own_table(owner)) + (shared_too ? removal(kSharedTable) : std::string()));
    return;
  }
  std::vector<std::string> words{"0", std::string(family_word(own)), "remove",
                                 shared_too ? std::string() : owner};
  for (const auto chain : kAllChains) {
    const auto place = firewall::place_of(chain);
    for (const auto word : {place.table, place.chain, place.hook}) words.emplace_back(word);
  }
  run_iptables(words);
}

Firewall used_firewall() {
  try {
    if (has_nft_tables()) return Firewall::nft;
  } catch (const std::system_error&) {
    return Firewall::legacy;  // no such packet filter in this kernel, or nobody to ask it
  }
  if (has_legacy_tables() || errno == EPERM) return Firewall::legacy;
  (void)run_program("/sbin/modprobe", {"modprobe", "ip_tables"});
  return has_legacy_tables() ? Firewall::legacy : Firewall::nft;
}

}  // namespace mydocker::sys
