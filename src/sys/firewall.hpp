// The kernel's packet filters, by the two programs that MyDocker carries for them: mydocker-iptables
// and mydocker-nft (src/firewall).
#pragma once

#include <sys/types.h>

#include <stdexcept>
#include <string>
#include <vector>

#include "mydocker/network.hpp"

namespace mydocker::sys {

// What a packet filter, or the library that speaks to it, says.
class FirewallError : public std::runtime_error {
 public:
  FirewallError(const std::string& words, std::string hint)
      : std::runtime_error(words), hint_(std::move(hint)) {}
  [[nodiscard]] const std::string& hint() const noexcept { return hint_; }

 private:
  std::string hint_;
};

struct FirewallWork {
  IpAddress own;      // for kOwnAddress in the rules; its family is theirs
  std::string owner;  // an id: its rules can be told from those of others
  pid_t process = 0;  // whose network is meant; 0: our own
  std::vector<FirewallRule> shared, own_rules;
};

// Makes the chains and the shared rules, unless they are there already, and adds the owner's, in the
// place of those that it has. Throws FirewallError, std::system_error.
void add_rules(Firewall firewall, const FirewallWork& work);

// Removes the owner's rules; with `shared_too` all that MyDocker has in this network.
void remove_rules(Firewall firewall, int family, const std::string& owner, bool shared_too);

// Which of the two this host uses: nft where any of its tables exists, or where the other cannot be
// had.
[[nodiscard]] Firewall used_firewall();

}  // namespace mydocker::sys
