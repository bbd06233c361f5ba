// The kernel's packet filters, by the two programs that MyDocker carries for them: mydocker-iptables
// and mydocker-nft (src/firewall).
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <stdexcept>
#include <string>
#include <vector>

#include "mydocker/network.hpp"
#include "sys/coprocess.hpp"

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

// The carried program for one packet filter. It is started when that is known to be needed, and does
// its part while MyDocker does others.
class FirewallProgram {
 public:
  // Throws FirewallError where MyDocker was built without it, std::system_error.
  explicit FirewallProgram(Firewall firewall);

  // Makes the chains and the shared rules, unless they are there already, and adds the owner's, in
  // the place of those that it has. `lock`, or -1, is held until that is done. What is for the
  // program's own network comes before what is for another's.
  void add_rules(const FirewallWork& work, int lock);

  // Removes the owner's rules; with `shared_too` all that MyDocker has in this network.
  void remove_rules(int family, const std::string& owner, bool shared_too);

  // How many packets the rules for RuleChain::egress have refused in the network behind the
  // descriptor `network`. Throws FirewallError, std::system_error.
  [[nodiscard]] std::uint64_t count_refused(int family, int network);

  // Waits until all is done. Throws FirewallError, std::system_error.
  void await();

  // The same, and until the program has ended.
  void end();

 private:
  void ask(const std::vector<std::string>& words, int passed);
  [[nodiscard]] std::string next_answer();

  Firewall firewall_;
  Coprocess program_;
  unsigned asked_ = 0;
};

// Which of the two this host uses: nft where any of its tables exists, or where the other cannot be
// had.
[[nodiscard]] Firewall used_firewall();

}  // namespace mydocker::sys
