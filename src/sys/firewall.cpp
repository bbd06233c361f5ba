#include "sys/firewall.hpp"

#include <linux/netfilter/nf_tables.h>
#include <linux/netfilter/nfnetlink.h>
#include <linux/netfilter_ipv4/ip_tables.h>
#include <sys/socket.h>
#include <unistd.h>

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

struct Carried {
  std::string_view bytes;
  const char *name, *library, *other;
};

Carried carried_for(Firewall firewall) {
  if (firewall == Firewall::nft) return {nft_helper(), "mydocker-nft", "libnftables", "legacy"};
  return {iptables_helper(), "mydocker-iptables", "libip4tc", "nft"};
}

Coprocess start(Firewall firewall) {
  const Carried carried = carried_for(firewall);
  if (carried.bytes.empty()) {
    throw FirewallError(std::string("this MyDocker was built without ") + carried.library,
                        std::string("build it where its -dev package is installed, or try "
                                    "--firewall ") +
                            carried.other);
  }
  return {carried.bytes, {carried.name}};
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

FirewallProgram::FirewallProgram(Firewall firewall)
    : firewall_(firewall), program_(start(firewall)) {}

void FirewallProgram::ask(const std::vector<std::string>& words, int passed) {
  program_.ask(words, passed);
  ++asked_;
}

void FirewallProgram::add_rules(const FirewallWork& work, int lock) {
  std::vector<std::string> words{std::to_string(work.process)};
  if (firewall_ == Firewall::nft) {
    const auto table = [&](const std::string& name, const std::vector<FirewallRule>& rules) {
      return rules.empty() ? std::string()
                           : firewall::nft_table(nft_family(work.own), name, rules, work.own);
    };
    words.push_back(table(kSharedTable, work.shared) +
                    table(own_table(work.owner), work.own_rules));
  } else {
    for (const auto word : {family_word(work.own), std::string_view("add")})
      words.emplace_back(word);
    words.push_back(work.owner);
    append_rules(words, work.shared, {}, work.own);
    append_rules(words, work.own_rules, work.owner, work.own);
  }
  ask(words, lock);
}

void FirewallProgram::remove_rules(int family, const std::string& owner, bool shared_too) {
  const IpAddress own{family, {}};
  if (firewall_ == Firewall::nft) {
    const auto removal = [&](const std::string& name) {
      const std::string table = std::string(nft_family(own)) + " " + name;
      return "table " + table + "\ndelete table " + table + "\n";
    };
    ask({"0", removal(own_table(owner)) + (shared_too ? removal(kSharedTable) : std::string())},
        -1);
    return;
  }
  std::vector<std::string> words{"0", std::string(family_word(own)), "remove",
                                 shared_too ? std::string() : owner};
  for (const auto chain : kAllChains) {
    const auto place = firewall::place_of(chain);
    for (const auto word : {place.table, place.chain, place.hook}) words.emplace_back(word);
  }
  ask(words, -1);
}

std::uint64_t FirewallProgram::count_refused(int family, int network) {
  const auto place = firewall::place_of(RuleChain::egress);
  const IpAddress own{family, {}};
  if (firewall_ == Firewall::nft) {
    ask({"passed", "list chain " + std::string(nft_family(own)) + " mydocker egress\n"}, network);
  } else {
    std::vector<std::string> words{"passed", std::string(family_word(own)), "refused", ""};
    for (const auto word : {place.table, place.chain, place.hook}) words.emplace_back(word);
    ask(words, network);
  }
  return firewall::refused_in(next_answer());
}

void FirewallProgram::await() {
  while (asked_ > 0) (void)next_answer();
}

std::string FirewallProgram::next_answer() {
  const Finished answer = program_.next_answer();
  --asked_;
  if (answer.status == 0) return answer.output;
  asked_ = 0;  // it has ended: nothing that follows is answered
  const Carried carried = carried_for(firewall_);
  const std::string other = std::string("try --firewall ") + carried.other;
  throw FirewallError(std::string(carried.name) + ": " + text::trimmed(answer.output),
                      answer.status == kNotRun
                          ? std::string("install the library ") + carried.library + ", or " + other
                          : "if this kernel lacks that packet filter, " + other);
}

void FirewallProgram::end() {
  await();
  program_.end();
}

Firewall used_firewall() {
  // Without root the rules are in the container's own network, whichever the host's are in.
  if (::geteuid() != 0) return nft_helper().empty() ? Firewall::legacy : Firewall::nft;
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
