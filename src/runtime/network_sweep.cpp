#include "runtime/network_sweep.hpp"

#include <algorithm>
#include <cerrno>
#include <system_error>
#include <utility>

#include "helpers/addresses.hpp"
#include "runtime/bridge_uses.hpp"
#include "runtime/cni_plugins.hpp"
#include "sys/conntrack.hpp"
#include "sys/files.hpp"
#include "sys/firewall.hpp"

namespace mydocker {
namespace {

constexpr std::string_view kSetting = "setting/", kRules = "rules/";

struct OfRules {
  Firewall firewall;
  int family;
};
constexpr OfRules kAllRules[] = {{Firewall::legacy, AF_INET},
                                 {Firewall::legacy, AF_INET6},
                                 {Firewall::nft, AF_INET},
                                 {Firewall::nft, AF_INET6}};

// A link that is gone took its settings along.
void restore(const std::string& file, const std::string& value) {
  try {
    sys::write_file(file, value);
  } catch (const std::system_error& error) {
    if (error.code().value() != ENOENT) throw;
  }
}

}  // namespace

std::string setting_file(const std::string& path) { return "/proc/sys/" + path; }

std::string setting_use(const std::string& path) { return std::string(kSetting) + path; }

std::string rules_use(Firewall firewall, int family) {
  return std::string(kRules) + (firewall == Firewall::nft ? "nft" : "legacy") +
         (family == AF_INET6 ? "6" : "");
}

// What is to be taken back goes first: whoever is killed in between leaves a line, which is harmless.
void take_back_setting(SharedUses& uses, const std::string& path, const std::string& id) {
  const std::string what = setting_use(path);
  if (uses.is_last(what, id)) restore(setting_file(path), uses.words_of(what));
  uses.remove(what, id);
}

void take_back_rules(SharedUses& uses, Firewall firewall, int family, const std::string& id) {
  const std::string what = rules_use(firewall, family);
  if (!uses.has(what, id)) return;
  sys::FirewallProgram program(firewall);
  program.remove_rules(family, id, uses.is_last(what, id));
  program.end();
  uses.remove(what, id);
}

std::optional<std::uint64_t> count_refused(const NetworkRequest& request, Firewall firewall,
                                           Context& context) {
  if (!context.network) return std::nullopt;
  const UniqueFd network = std::move(context.network);
  try {
    sys::FirewallProgram program(firewall);
    std::uint64_t sum = program.count_refused(AF_INET, network.get());
    if (request.ipv6) sum += program.count_refused(AF_INET6, network.get());
    program.end();
    return sum;
  } catch (const std::runtime_error&) {
    return std::nullopt;  // the container has run: this is no reason for another status
  }
}

void take_back_network(const std::string& folder, const std::string& id, int record) {
  close_cni({folder, id}, record);
  SharedUses uses(folder);
  auto all = uses.all();
  std::reverse(all.begin(), all.end());  // the last one first, as at an end in good order
  for (const auto& use : all) {
    if (use.id != id) continue;
    if (use.what.starts_with(kSetting))
      take_back_setting(uses, use.what.substr(kSetting.size()), id);
    take_back_bridge_use(uses, use);
    for (const auto& [firewall, family] : kAllRules) {
      if (use.what != rules_use(firewall, family)) continue;
      take_back_rules(uses, firewall, family, id);
      if (const auto address = addresses::parse(use.words)) sys::forget_connections(*address, {});
    }
  }
}

}  // namespace mydocker
