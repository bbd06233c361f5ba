#include "runtime/network_sweep.hpp"

#include "helpers/addresses.hpp"
#include "sys/conntrack.hpp"
#include "sys/files.hpp"
#include "sys/firewall.hpp"

namespace mydocker {
namespace {

constexpr std::string_view kForwarding = "forwarding/";
constexpr std::string_view kLegacyRules = "rules/legacy", kNftRules = "rules/nft";

}  // namespace

std::string forwarding_file(const std::string& link) {
  return "/proc/sys/net/ipv4/conf/" + link + "/forwarding";
}

std::string rules_use(Firewall firewall) {
  return std::string(firewall == Firewall::nft ? kNftRules : kLegacyRules);
}

// What is to be taken back goes first: whoever is killed in between leaves a line, which is harmless.
void take_back_forwarding(SharedUses& uses, const std::string& link, const std::string& id) {
  const std::string what = std::string(kForwarding) + link;
  if (uses.is_last(what, id)) (void)sys::try_write_file(forwarding_file(link), "0");
  uses.remove(what, id);
}

void take_back_rules(SharedUses& uses, Firewall firewall, const std::string& id) {
  const std::string what = rules_use(firewall);
  if (!uses.has(what, id)) return;
  sys::FirewallProgram program(firewall);
  program.remove_rules(AF_INET, id, uses.is_last(what, id));
  program.end();
  uses.remove(what, id);
}

void take_back_network(const std::string& folder, const std::string& id) {
  SharedUses uses(folder);
  const auto all = uses.all();
  for (const auto& use : all) {
    if (use.id != id) continue;
    if (use.what.starts_with(kForwarding)) {
      take_back_forwarding(uses, use.what.substr(kForwarding.size()), id);
      continue;
    }
    take_back_rules(uses, use.what == kNftRules ? Firewall::nft : Firewall::legacy, id);
    if (const auto address = addresses::parse(use.words)) sys::forget_connections(*address, {});
  }
}

}  // namespace mydocker
